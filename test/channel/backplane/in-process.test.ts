/** The backplane within one process keeps the contract. */
import { InProcessBackplane } from "../../../src/channel/backplane/in-process.ts";
import { backplaneContract } from "./backplane.contract.ts";

backplaneContract("in one process", async (manager) => {
  const backplane = new InProcessBackplane(manager);
  return { backplane, nudge: () => backplane.nudge(), close: () => backplane.stop() };
});
