/**
 * The matrix of bad certificates: each is made by openssl and presented by openssl, fresh, and again on a resumed session when
 * the first attempt was given a ticket. None comes in, and the gateway's log says why.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelErrorCode } from "../../../src/channel/errors.ts";
import type { Gateway } from "../../../src/channel/gateway/index.ts";
import { deviceId, TestManager } from "../manager.ts";
import { FORM_CASES } from "./form-cases.ts";
import { IDENTITY_CASES } from "./identity-cases.ts";
import { hasOpenssl, type Identity, Openssl } from "./openssl.ts";
import { Pki, san, SIGNS } from "./pki.ts";
import { TRUST_CASES } from "./trust-cases.ts";

const CASES = [...TRUST_CASES, ...FORM_CASES, ...IDENTITY_CASES];
const DENIED = 666;
const DAY_MS = 86_400_000;
const REASON = hasOpenssl() ? "" : " (skipped: there is no openssl here)";

describe.skipIf(!hasOpenssl())(`certificates made by openssl${REASON}`, () => {
  let pki: Pki;
  let manager: TestManager;
  let gateway: Gateway;
  let resumptions = 0;

  beforeAll(async () => {
    pki = new Pki(new Openssl(mkdtempSync(join(tmpdir(), "edict-certificates-"))));
    manager = await TestManager.create();
    await manager.deny(1, [DENIED]);
    gateway = await manager.start({ caPem: pki.trustedPem() });
  });

  beforeEach(() => {
    manager.reports.length = 0;
    manager.logged.length = 0;
    manager.skewMs = 0;
  });

  afterAll(async () => {
    await manager.stop();
    pki.openssl.remove();
  });

  /** Resolves with whether the session was resumed. */
  async function refused(identity: Identity | undefined, code: ChannelErrorCode, session: string, resumes: boolean): Promise<boolean> {
    manager.reports.length = 0;
    manager.logged.length = 0;
    const { isOpen, isResumed } = await pki.openssl.dial(gateway.port, identity, { file: session, resumes });
    expect(isOpen).toBe(false);
    await manager.until(() => manager.of("refused").length > 0);
    expect(manager.logged.map(({ level, facts }) => [level, facts])).toEqual([["warn", expect.objectContaining({ reason: code })]]);
    expect(manager.of("connected")).toEqual([]);
    return isResumed;
  }

  async function letIn(identity: Identity, session = pki.openssl.sessionFile(), resumes = false): Promise<boolean> {
    manager.reports.length = 0;
    const { isOpen, isResumed } = await pki.openssl.dial(gateway.port, identity, { file: session, resumes });
    expect(manager.logged).toEqual([]);
    expect(isOpen).toBe(true);
    await manager.until(() => manager.of("disconnected").length > 0);
    return isResumed;
  }

  describe("refused, fresh and resumed, is a certificate", () => {
    test.each(CASES.map(({ name, code, make }) => [name, code, make] as const))("%s: %s", async (_name, code, make) => {
      const identity = make(pki);
      const session = pki.openssl.sessionFile();
      expect(await refused(identity, code, session, false)).toBe(false);
      // Most that are flawed in TLS's own eyes never get a ticket; those that only we refuse do.
      if (existsSync(session) && (await refused(identity, code, session, true))) resumptions += 1;
    });

    test("and there are more than 60 of them, a third of which did resume", () => {
      expect(CASES.length).toBeGreaterThan(60);
      expect(resumptions).toBeGreaterThan(20);
    });
  });

  describe("let in is a certificate", () => {
    test.each([
      ["with a key on P-256", () => pki.device()],
      ["with a key on P-384 and SHA-384", () => pki.device({ key: "P-384", digest: "sha384" })],
      ["with an RSA key of 2,048 bits", () => pki.device({ key: "rsa:2048" })],
      ["with another usage beside", () => pki.with("extendedKeyUsage=critical,serverAuth,clientAuth")],
      ["that does not say what its key may do", () => pki.without(SIGNS)],
      ["with other names beside its identity", () => pki.with(san(`URI:${deviceId(1)}`, "URI:https://isp.example/", "DNS:cam.example"))],
      ["of this tenant, whatever its subject says", () => pki.device({ subject: `/CN=${deviceId(DENIED)}` })],
    ] as const)("%s", async (_name, make) => {
      expect(await letIn(make())).toBe(false);
    });
  });

  describe("a good certificate's resumed session", () => {
    /** A device that came in once and kept its ticket. */
    async function cameIn(ordinal: number) {
      const identity = pki.with(san(`URI:${deviceId(ordinal)}`));
      const session = pki.openssl.sessionFile();
      await letIn(identity, session);
      return { identity, session };
    }

    test("comes in, and is its own whatever else is presented with it", async () => {
      const { identity, session } = await cameIn(7);
      expect(await letIn(identity, session, true)).toBe(true);
      expect(await letIn(pki.with(san(`URI:${deviceId(8)}`)), session, true)).toBe(true);
      expect(manager.of("connected")).toMatchObject([{ ordinal: 7 }]);
    });

    test("does not when the certificate has expired since", async () => {
      const { identity, session } = await cameIn(9);
      manager.skewMs = 2 * DAY_MS;
      expect(await refused(identity, "ERR_CHANNEL_CERTIFICATE_TIME", session, true)).toBe(true);
    });

    test("does not when the device was denied since", async () => {
      const { identity, session } = await cameIn(10);
      await manager.deny(2, [DENIED, 10]);
      expect(await refused(identity, "ERR_CHANNEL_DENIED", session, true)).toBe(true);
    });

    test("does not when the gateway no longer trusts the authority", async () => {
      const { identity, session } = await cameIn(11);
      await manager.stop();
      gateway = await manager.start();
      expect(await refused(identity, "ERR_CHANNEL_CERTIFICATE_CHAIN", session, true)).toBe(false);
    });
  });
});
