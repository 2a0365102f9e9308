/** The words of the profile slpf (stateless packet filtering, an OASIS Committee Specification of 2019). */

export const SLPF = "slpf";
export const RULE_NUMBER_TARGET = "slpf:rule_number";

/** SLPF 1.0 §2.1.3.2 */
export const DROP_PROCESSES = ["none", "reject", "false_ack"] as const;
export const DIRECTIONS = ["both", "ingress", "egress"] as const;

export interface SlpfArgs {
  /** How denied packets are handled; absent means none. */
  readonly drop_process?: (typeof DROP_PROCESSES)[number];
  /** Absent means true: the rule outlives a restart. */
  readonly persistent?: boolean;
  readonly direction?: (typeof DIRECTIONS)[number];
  /** The number that the new rule gets. */
  readonly insert_rule?: number;
}

/** Which packet filter acts (§2.1.4). */
export interface SlpfActuator {
  readonly hostname?: string;
  readonly named_group?: string;
  readonly asset_id?: string;
  readonly asset_tuple?: readonly string[];
}

export interface SlpfResults {
  /** Of the rule that an allow or a deny made. */
  readonly rule_number?: number;
}
