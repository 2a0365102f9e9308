/**
 * Until when what devices and gateways need is valid: certificates and the director's own document. Whoever starts anew after that is
 * turned away, which looks like a patch that kills; so no wave begins that would end later.
 */
import { X509Certificate } from "node:crypto";
import { readAuthorities } from "../channel/gateway/peer-identity.ts";
import type { DirectorHistory } from "../trust/verify/index.ts";
import type { State } from "./state-directory.ts";

export class Validity {
  readonly #certificates: readonly { readonly name: string; readonly expiresMs: number }[];
  readonly #directors: DirectorHistory;

  constructor({ certPem, caPem }: State["tls"], directors: DirectorHistory) {
    const ends = readAuthorities(caPem).map(({ validTo }) => Date.parse(validTo));
    this.#certificates = [
      // While one is replaced by the next, the next counts.
      { name: "the certificate authority", expiresMs: Math.max(...ends) },
      { name: "the gateway's certificate", expiresMs: Date.parse(new X509Certificate(certPem).validTo) },
    ];
    this.#directors = directors;
  }

  /** Why nothing may begin that ends then, as a sentence. */
  problem(untilMs: number): string | undefined {
    const director = { name: "the director's document", expiresMs: this.#directors.current.expiresMs };
    const first = [...this.#certificates, director].find(({ expiresMs }) => !(untilMs < expiresMs));
    return first && `${first.name} ends ${new Date(first.expiresMs).toISOString()}: whoever starts anew then is turned away`;
  }
}
