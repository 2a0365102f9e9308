/** Attacks on the port that devices dial, and our own herd. */
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { upgradeRequest } from "../../../src/channel/wire/index.ts";
import { readRunning, readState, statePaths } from "../../../src/server/state-directory.ts";
import { createAuthority, type Issued, issueDevice, issueServer, loadAuthority } from "../../../src/trust/sign/certificate-authority.ts";
import type { Attack, Blow } from "../attack.ts";
import type { Stage } from "../stage.ts";

const YEAR_MS = 365 * 86_400_000;

export const EDGE_ATTACKS: readonly Attack[] = [
  {
    id: "5",
    title: "Bad certificates",
    who: "Devices dial with no certificate, one of their own making, one of another authority, an expired one, a server's, a denied one.",
    cost: "Anybody listens to what the fleet is ordered, and lies about what became of it.",
    run: badCertificates,
    tests: [
      { file: "test/channel/certificate-matrix/certificate-matrix.test.ts", titles: ["refused, fresh and resumed, is a certificate"] },
    ],
  },
  {
    id: "12",
    title: "Our own herd",
    who: "A million devices are told to fetch at once, and come back all at once after a restart.",
    cost: "The update itself takes the platform down, and the network with it.",
    tests: [
      { file: "test/depot/server.test.ts", titles: ["shedding turns the ordered share away"] },
      {
        file: "test/depot/client/blob-download.test.ts",
        titles: ["a depot that sheds load is left alone", "a depot that sheds everything"],
      },
      { file: "test/channel/fan-out.test.ts", titles: ["a campaign is paced by its permit, whatever the order says"] },
    ],
  },
  {
    id: "15",
    title: "Slowloris, floods and frames",
    who: "Strangers open connections that say nothing, by the hundred; devices send frames that break the rules.",
    cost: "The channel is busy with strangers while the fleet waits for its order.",
    tests: [
      { file: "test/channel/attacks.test.ts", titles: ["half-open TLS", "a handshake flood", "what is no TLS at all is refused"] },
      { file: "test/channel/hardening.test.ts", titles: ["a connection that never finishes its request is closed and reported"] },
      { file: "test/channel/wire/websocket-vectors.test.ts", titles: ["closes on"] },
    ],
  },
];

async function badCertificates(stage: Stage): Promise<readonly Blow[]> {
  const { tls, paths } = readState(stage.scene.state);
  const nowMs = Date.now();
  const ours = await loadAuthority(tls.caPem, readFileSync(paths.authorityKey, "utf8"));
  const theirs = await createAuthority("isp.example devices", { nowMs });
  const device = await stage.switchedOn("denied");
  const { id } = JSON.parse(readFileSync(`${device.directory}/device.json`, "utf8")) as { id: string };
  const genuine = await issueDevice(ours, { id, nowMs });
  const blows = [
    await dial(stage, "none", undefined, "ERR_CHANNEL_NO_CERTIFICATE"),
    await dial(stage, "of another authority with the same name", await issueDevice(theirs, { id, nowMs }), "ERR_CHANNEL_CERTIFICATE"),
    await dial(stage, "expired", await issueDevice(ours, { id, nowMs: nowMs - 5 * YEAR_MS }), "ERR_CHANNEL_CERTIFICATE"),
    await dial(stage, "a server's", await issueServer(ours, { names: ["127.0.0.1"], nowMs }), "ERR_CHANNEL_CERTIFICATE"),
    await dial(
      stage,
      "of a device that nobody enrolled",
      await issueDevice(ours, { id: "urn:dev:ops:32473-nobody", nowMs }),
      "ERR_CHANNEL_UNKNOWN_DEVICE",
    ),
  ];
  device.forget();
  await stage.scene.edict("deny", id);
  const isClosed = await device.says((event) => event.kind === "disconnected" && event.reason.includes("4003"));
  blows.push({ what: "denied while its channel stood: it is closed", stoppedBy: "4003, by the gateway", held: isClosed });
  blows.push(await dial(stage, "denied, dialling again", genuine, "ERR_CHANNEL_DENIED"));
  await stage.retire(device);
  return blows;
}

/** Asks for a channel; held when there is none and the gateway's log gives this reason. */
async function dial(stage: Stage, what: string, identity: Issued | undefined, code: string): Promise<Blow> {
  const log = () => readFileSync(stage.scene.file("serve.log"), "utf8");
  const before = log().split(code).length;
  const port = readRunning(statePaths(stage.scene.state))?.gateway ?? 0;
  const credentials = identity && { cert: identity.certificatePem, key: identity.privateKeyPem };
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...credentials });
  socket.on("secureConnect", () => socket.write(upgradeRequest("127.0.0.1", "AAAAAAAAAAAAAAAAAAAAAA==")));
  socket.on("data", (bytes) => resolve(bytes.toString().split("\r\n")[0] ?? ""));
  socket.on("error", (error) => resolve(error.message));
  socket.on("close", () => resolve("closed"));
  const answer = await promise;
  socket.destroy();
  const isLogged = await stage.until(async () => log().split(code).length > before);
  return { what, stoppedBy: `${code}, by the gateway`, held: isLogged && !answer.includes(" 101 ") };
}
