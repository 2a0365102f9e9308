// The `ws` package on Node (Bun would put its own in its place). Prints one JSON line about what it met.
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";

const { url, ca, cert, key, checkIn } = JSON.parse(process.argv[2]);
const options = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
const open = async () => {
  const socket = new WebSocket(url, "openc2", options);
  const closed = new Promise((resolve) => socket.on("close", (code) => resolve(code)));
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  return { socket, closed };
};

const { socket, closed } = await open();
const pong = new Promise((resolve) => socket.on("pong", (data) => resolve(data.toString())));
const message = new Promise((resolve) => socket.on("message", (data, isBinary) => resolve({ text: data.toString(), isBinary })));
const third = Math.ceil(checkIn.length / 3);
socket.send(checkIn.slice(0, third), { fin: false });
socket.ping("between fragments");
socket.send(checkIn.slice(third, 2 * third), { fin: false });
socket.send(checkIn.slice(2 * third), { fin: true });
const met = { protocol: socket.protocol, extensions: socket.extensions, pong: await pong, message: await message };
socket.close(1000, "done");
const normal = await closed;

const second = await open();
second.socket.send("x".repeat(9000));
process.stdout.write(JSON.stringify({ ...met, closed: normal, closedTooBig: await second.closed }));
