/** Servers from Debian packages: whether they are there, and when they listen. */
import { connect } from "node:net";

/** Undefined, and said aloud, when the program is not installed. */
export function find(program: string, packages: string): string | undefined {
  const path = Bun.which(program, { PATH: `${process.env.PATH}:/usr/sbin` });
  if (path === null) console.error(`skipped: ${program} is not installed (apt-get install ${packages})`);
  return path ?? undefined;
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Resolves when the program accepts connections there. Throws when it has ended instead. */
export async function listening(program: Bun.Subprocess, port: number): Promise<void> {
  while (!(await isListening(port))) {
    if (program.exitCode !== null) throw new Error(`a server of the bench ended at its start (${program.exitCode})`);
    await Bun.sleep(20);
  }
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
