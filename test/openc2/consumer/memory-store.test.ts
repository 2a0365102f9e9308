/** The store in memory under the contract of every store. */
import { describe } from "bun:test";
import { MemoryStore } from "../../../src/openc2/consumer/index.ts";
import { commandStoreContract } from "./store.contract.ts";

describe("the store in memory", () => {
  commandStoreContract(() => {
    const store = new MemoryStore();
    return { store, reopen: () => store };
  });
});
