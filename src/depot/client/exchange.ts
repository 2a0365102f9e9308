/**
 * One request to one mirror: with the device's certificate, without redirects (a redirect is the mirror choosing another
 * server for the device) and without content codings (a small body that unpacks to a large one). Everything that goes
 * wrong on the mirror's side is a MirrorFailure; what the caller's own functions throw passes through. When a connection
 * breaks, Bun's fetch loses what it had received and not yet handed out; those bytes are asked for again.
 */
import { RETRY_AFTER_MAX_MS } from "../limits.ts";
import { MirrorFailure } from "./mirrors.ts";
import { type Rate, RateWatch } from "./rate-watch.ts";

export interface DeviceTls {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Exchange {
  readonly url: string;
  readonly tls: DeviceTls;
  readonly rate: Rate;
  readonly range?: string;
  readonly signal?: AbortSignal | undefined;
  /** Looks at status and headers; returns the most bytes that the body may have. Throws MirrorFailure. */
  readonly accept: (response: Response) => number;
  readonly onChunk: (bytes: Uint8Array) => Promise<void> | void;
}

/** Resolves when the body has ended. */
export async function exchange({ url, tls, rate, range, signal, accept, onChunk }: Exchange): Promise<void> {
  const ended = new AbortController();
  const watch = new RateWatch(rate);
  try {
    const request = fetch(url, {
      headers: { "accept-encoding": "identity", ...(range !== undefined && { range }) },
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
      decompress: false,
      tls: { ca: tls.caPem, cert: tls.certPem, key: tls.keyPem },
    });
    const response = await watch.waitFor(request.catch((cause: unknown) => Promise.reject(unreachable(cause))));
    refuseOddAnswers(response);
    await readBody(response, accept(response), watch, onChunk);
  } catch (error) {
    // Whatever the reason, nothing more is wanted from this connection.
    ended.abort();
    throw error;
  }
}

async function readBody(response: Response, bytesMax: number, watch: RateWatch, onChunk: Exchange["onChunk"]): Promise<void> {
  if (Number(response.headers.get("content-length") ?? 0) > bytesMax) throw tooLong(bytesMax);
  if (response.body === null) return;
  const reader = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const read = reader.read().catch((cause: unknown) => Promise.reject(cut(bytes, cause)));
    const { done, value } = await watch.waitFor(read);
    if (done) return;
    bytes += value.length;
    if (bytes > bytesMax) throw tooLong(bytesMax);
    watch.received(value.length);
    await onChunk(value);
  }
}

function refuseOddAnswers({ status, headers }: Response): void {
  if (status === 503 || status === 429) {
    const seconds = Number(/^\d{1,9}$/.exec(headers.get("retry-after") ?? "")?.[0] ?? 0);
    throw new MirrorFailure("ERR_DEPOT_BUSY", "is busy", { retryAfterMs: Math.min(seconds * 1000, RETRY_AFTER_MAX_MS) });
  }
  if (status >= 500) throw new MirrorFailure("ERR_DEPOT_UNREACHABLE", `answered ${status}`);
  if (status >= 300 && status < 400) throw new MirrorFailure("ERR_DEPOT_RESPONSE", `answered ${status}; redirects are not followed`);
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding !== "identity") throw new MirrorFailure("ERR_DEPOT_RESPONSE", `answered in the coding ${coding}, which was not asked for`);
}

function unreachable(cause: unknown): MirrorFailure {
  return new MirrorFailure("ERR_DEPOT_UNREACHABLE", `cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}

function cut(bytes: number, cause: unknown): MirrorFailure {
  return new MirrorFailure("ERR_DEPOT_CUT", `ended the connection after ${bytes} bytes`, { cause });
}

function tooLong(bytesMax: number): MirrorFailure {
  return new MirrorFailure("ERR_DEPOT_TOO_LONG", `sends more than the ${bytesMax} bytes promised`);
}
