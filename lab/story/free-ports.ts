/** Ports that nobody listens on at the moment: devices must know where to dial before the server starts. */
export function freePorts(count: number): readonly number[] {
  const listeners = Array.from({ length: count }, () => Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }));
  const ports = listeners.map(({ port }) => port);
  for (const listener of listeners) listener.stop(true);
  return ports;
}
