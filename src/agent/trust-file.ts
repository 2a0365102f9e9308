/**
 * Whom the device believes: the authority map and the newest version of each of its directors, in one file that is only ever
 * replaced whole. It was pinned at enrolment and goes forward from there, version by version. It lies beside the slots, not in
 * them: a roll back of the software brings no older director back.
 */
import { type Authority, encodeAuthority, followDocument, parseAuthority } from "../trust/verify/index.ts";
import type { Disk } from "./disk.ts";
import { AgentError } from "./errors.ts";

export class TrustFile {
  readonly #disk: Disk;
  readonly #path: string;
  #authority: Authority | undefined;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Throws ERR_AGENT_CONFIG when the file is missing, ERR_TRUST_DIRECTOR when it is damaged, which no power cut can cause. */
  async load(): Promise<void> {
    const bytes = await this.#disk.read(this.#path);
    if (bytes === undefined) throw new AgentError("ERR_AGENT_CONFIG", `${this.#path} is missing`);
    this.#authority = parseAuthority(bytes);
  }

  get current(): Authority {
    if (this.#authority === undefined) throw new AgentError("ERR_AGENT_STATE", "the trust file was not loaded");
    return this.#authority;
  }

  /** Believes the next version of the map or of a director. Durable when it resolves. Throws as followDocument. */
  async follow(document: Uint8Array): Promise<void> {
    const next = await followDocument(this.current, document);
    // On disk first: what a device has once acted on, it must not forget.
    await this.#disk.replace(this.#path, encodeAuthority(next));
    this.#authority = next;
  }
}
