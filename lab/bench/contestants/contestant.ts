/** A server that can send one message to very many standing channels: what the fan-out bench asks of each. */
import type { Devices, Protocol } from "../support/devices.ts";

export interface Contestant {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** The processes whose CPU and memory count. */
  readonly pids: readonly number[];
  /** Readies a message of so many bytes for so many devices; what it gives sends it. Not measured. */
  prepare(bytes: number, count: number, devices: Devices): Promise<() => void | Promise<void>>;
  /** Resolves when the server has also done what it does afterwards. */
  drained(): Promise<void>;
  end(): Promise<void>;
}
