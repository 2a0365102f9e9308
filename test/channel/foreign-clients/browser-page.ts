/**
 * A page for a browser, and the way from its plain WebSocket to the gateway. A browser takes its client certificate from a
 * store that only a person or an administrator's policy can fill; so the TLS is ours, the WebSocket is the browser's alone.
 */
import type { Socket } from "bun";
import type { Issued } from "../../../src/trust/sign/certificate-authority.ts";

interface PageOptions {
  readonly gatewayPort: number;
  readonly caPem: string;
  readonly identity: Issued;
  readonly html: string;
  /** What the page posts when it is done. */
  readonly onOutcome: (json: string) => void;
}

interface Way {
  gateway: Socket<undefined> | undefined;
}

/** Serves the page at /, takes its outcome at /outcome, and carries everything else to the gateway as it stands. */
export function servePage({ gatewayPort, caPem, identity, html, onOutcome }: PageOptions) {
  const tls = { ca: caPem, serverName: "localhost", cert: identity.certificatePem, key: identity.privateKeyPem };
  return Bun.listen<Way>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (browser) => void (browser.data = { gateway: undefined }),
      data: async (browser, chunk) => {
        const text = chunk.toString("latin1");
        if (browser.data.gateway !== undefined) return void browser.data.gateway.write(chunk);
        if (text.startsWith("POST /outcome")) return onOutcome(text.slice(text.indexOf("\r\n\r\n") + 4));
        if (!text.startsWith("GET /.well-known/openc2")) return void browser.end(page(text.startsWith("GET / ") ? html : ""));
        browser.data.gateway = await Bun.connect<undefined>({
          hostname: "127.0.0.1",
          port: gatewayPort,
          tls,
          socket: {
            handshake: (gateway) => void gateway.write(chunk),
            data: (_gateway, answer) => void browser.write(answer),
            close: () => void browser.end(),
          },
        });
      },
      close: (browser) => void browser.data.gateway?.end(),
    },
  });
}

function page(html: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\nConnection: close\r\n\r\n${html}`;
}
