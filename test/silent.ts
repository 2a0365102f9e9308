/** Slowloris at its simplest: a connection on which nothing is ever said. */
import { connect } from "node:net";

/** `closed` resolves when the other side closes it. */
export function silent(port: number): { readonly connected: Promise<unknown>; readonly closed: Promise<"closed"> } {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise<"closed">((resolve) => socket.once("close", () => resolve("closed")));
  return { connected: new Promise((resolve) => socket.once("connect", resolve)), closed };
}
