/** What each kind of token opens: a person's whatever is not the issuing process's, every other only what is named here. */
import type { Role } from "../operators.ts";

const ISSUER: ReadonlySet<string> = new Set(["POST /api/v1/enrolment/claims", "POST /api/v1/enrolment/certificates"]);
const MONITOR: ReadonlySet<string> = new Set(["GET /api/v1/metrics", "GET /api/v1/status"]);

export function mayUse(role: Role, method: string, path: string): boolean {
  const act = `${method} ${path}`;
  switch (role) {
    case "person":
      return !ISSUER.has(act);
    case "issuer":
      return ISSUER.has(act);
    case "monitor":
      return MONITOR.has(act);
  }
}
