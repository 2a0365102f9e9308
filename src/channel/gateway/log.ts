/** What a gateway needs of a logger; pino's has it. */
type Write = (facts: object, message: string) => void;

export interface GatewayLog {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}
