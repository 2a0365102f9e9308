/**
 * The composition root of the manager: opens the database, starts backplane, gateway, depot and API, and drives the clockwork.
 * It holds no key that a device obeys.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import type { Logger } from "pino";
import type { Campaign } from "../campaign/campaign.ts";
import { Driver } from "../campaign/driver.ts";
import { SqliteCampaignStore } from "../campaign/sqlite/campaign-store.ts";
import { InProcessBackplane } from "../channel/backplane/in-process.ts";
import { startGateway } from "../channel/gateway/index.ts";
import { startDepot } from "../depot/server.ts";
import { openDatabase } from "../fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../fleet/sqlite/fleet-store.ts";
import type { Clock } from "../trust/clock.ts";
import { makeApi } from "./api/app.ts";
import { DownloadRecorder } from "./download-recorder.ts";
import { ServerError } from "./errors.ts";
import { Intake } from "./intake.ts";
import { API_BODY_BYTES_MAX, TICK_MS } from "./limits.ts";
import { LiveView } from "./live-view.ts";
import { ManagementService } from "./management-service.ts";
import { readOperators } from "./operators.ts";
import { type Running, readRunning, readState, type State } from "./state-directory.ts";

export interface ManagerOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export interface Manager {
  readonly ports: Omit<Running, "pid">;
  stop(): Promise<void>;
}

/** Starts everything on one state directory. Throws ERR_SERVER_RUNNING when another server holds it. */
export async function startManager({ directory, clock, random, log }: ManagerOptions): Promise<Manager> {
  const state = readState(directory);
  const other = readRunning(state.paths);
  if (other !== undefined) throw new ServerError("ERR_SERVER_RUNNING", `another server (process ${other.pid}) holds ${directory}`);
  const core = openCore(state, clock);
  const { backplane, intake, service, driver } = core;
  const gateway = await startGateway({
    name: "gateway-1",
    ...state.config.gateway,
    tls: state.tls,
    director: state.director,
    backplane,
    clock,
    log: log.child({ part: "gateway" }),
  });
  const downloads = new DownloadRecorder(intake, core.fleet);
  const depot = await startDepot({
    ...state.config.depot,
    dir: state.paths.depot,
    tls: state.tls,
    clock,
    random,
    log: log.child({ part: "depot" }),
    onDownload: (record) => downloads.add(record),
  });
  const api = serveApi(state, service);
  const ports = { gateway: gateway.port, depot: depot.port, api: api.port ?? 0 };
  service.listensOn(ports);
  backplane.start();
  const ticker = setInterval(() => tick(driver, log), TICK_MS);
  writeFileSync(state.paths.running, JSON.stringify({ pid: process.pid, ...ports } satisfies Running));
  log.info(ports, "serving");
  return {
    ports,
    stop: async () => {
      clearInterval(ticker);
      await api.stop(true);
      await gateway.stop({ delayMs: 1_000 });
      await depot.stop();
      downloads.flush();
      backplane.stop();
      core.database.close();
      if (existsSync(state.paths.running)) rmSync(state.paths.running);
    },
  };
}

function openCore(state: State, clock: Clock) {
  const database = openDatabase(state.paths.database);
  const fleet = new SqliteFleetStore(database);
  const campaigns = new SqliteCampaignStore(database);
  const live = new LiveView(fleet, campaigns, clock);
  const intake = new Intake({ fleet, campaigns, tenant: state.config.tenant, onCommitted: (evidence) => live.note(evidence) });
  const backplane = new InProcessBackplane(intake);
  const driver = new Driver({
    store: campaigns,
    observer: { waveFacts: (campaign: Campaign) => live.waveFacts(campaign) },
    director: state.director,
    clock,
    onOrder: () => backplane.nudge(),
  });
  const service = new ManagementService({ state, fleet, campaigns, live, driver, clock });
  return { database, fleet, campaigns, intake, backplane, driver, service };
}

function serveApi(state: State, service: ManagementService) {
  const api = makeApi(service, readOperators(state.paths.operators));
  return Bun.serve({
    ...state.config.api,
    maxRequestBodySize: API_BODY_BYTES_MAX,
    tls: { cert: state.tls.certPem, key: state.tls.keyPem },
    fetch: (request) => api.fetch(request),
  });
}

/** A tick that fails is logged and tried again: the next one plans from the same stored facts. */
function tick(driver: Driver, log: Logger): void {
  try {
    driver.tick();
  } catch (error) {
    log.error({ err: error }, "the clockwork failed this time");
  }
}
