/** A campaign of `update` `x-swup:software`: to the devices of one vendor's model that do not run the new version yet. Pure. */
import type { CohortRequest } from "../../fleet/cohort.ts";
import { SOFTWARE_TARGET, type Software } from "../../openc2/profiles/x-swup/model.ts";
import { type CommandKind, refuse } from "./command-kind.ts";

export const update: CommandKind = {
  profile: "x-swup",
  ladder: {},
  queryTarget: ({ target }) => {
    const { vendor, name } = (target as { readonly [SOFTWARE_TARGET]: Software })[SOFTWARE_TARGET];
    if (vendor === undefined || name === undefined) refuse("the command is not an update of a vendor's named software");
    return { [SOFTWARE_TARGET]: { vendor, name } };
  },
  checkRequest: (request) => {
    if (broughtBy(request) === undefined) refuse("an update is for one vendor's model, and for a version that it brings");
  },
};

/** What an update brings to those whom the request selects; other commands bring nothing. */
export function broughtBy({ vendor, name, newVersion: version }: CohortRequest) {
  return vendor === undefined || name === undefined || version === undefined ? undefined : { vendor, name, version };
}
