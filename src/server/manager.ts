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
import { SocketBackplaneServer } from "../channel/backplane/socket/server.ts";
import { startGateway } from "../channel/gateway/index.ts";
import { PartBoard } from "../channel/stats/part-board.ts";
import { startDepot } from "../depot/server.ts";
import { SqliteEnrolmentStore } from "../enrolment/desk/sqlite/enrolment-store.ts";
import { openDatabase } from "../fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../fleet/sqlite/fleet-store.ts";
import type { Clock } from "../trust/clock.ts";
import { makeApi } from "./api/app.ts";
import { DownloadRecorder } from "./download-recorder.ts";
import { ServerError } from "./errors.ts";
import { ChannelWatch } from "./channel-watch.ts";
import { Intake } from "./intake.ts";
import { API_BODY_BYTES_MAX, GOODBYE_DELAY_MS, TICK_MS } from "./limits.ts";
import { LiveView } from "./live-view.ts";
import { ManagementService } from "./management-service.ts";
import { startUpstream } from "./openc2/upstream.ts";
import { readOperators } from "./operators.ts";
import { Quarantine } from "./quarantine.ts";
import { TrustBook } from "./trust-book.ts";
import { type Running, readRunning, readState, type State } from "./state-directory.ts";

export interface ManagerOptions {
  readonly directory: string;
  /** False when `edict gateway` holds the channels in processes of its own. */
  readonly hasGateway: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export interface Manager {
  readonly ports: Omit<Running, "pid">;
  stop(): Promise<void>;
}

/** Starts everything on one state directory. Throws ERR_SERVER_RUNNING when another server holds it. */
export async function startManager({ directory, hasGateway, clock, random, log }: ManagerOptions): Promise<Manager> {
  const state = readState(directory);
  const other = readRunning(state.paths);
  if (other !== undefined) throw new ServerError("ERR_SERVER_RUNNING", `another server (process ${other.pid}) holds ${directory}`);
  const core = await openCore(state, clock, log);
  const { backplane, apart, intake, service, driver } = core;
  const gateway = hasGateway ? await openGateway(state, backplane, clock, log) : undefined;
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
  if (gateway !== undefined) core.watch.add(gateway);
  const api = serveApi(state, service, core.watch);
  const { openc2 } = state.config;
  const upstream = openc2 && startUpstream(openc2, { state, service, clock, random, log: log.child({ part: "openc2" }) });
  const ports = {
    gateway: gateway?.port ?? state.config.gateway.port,
    depot: depot.port,
    api: api.port ?? 0,
    ...(upstream && { openc2: upstream.port }),
  };
  service.listensOn(ports);
  backplane.start();
  apart.start();
  const ticker = setInterval(() => tick(driver, log), TICK_MS);
  writeFileSync(state.paths.running, JSON.stringify({ pid: process.pid, ...ports } satisfies Running));
  log.info(ports, "serving");
  return {
    ports,
    stop: async () => {
      clearInterval(ticker);
      await api.stop(true);
      await upstream?.stop();
      await gateway?.stop({ delayMs: GOODBYE_DELAY_MS });
      await depot.stop();
      downloads.flush();
      backplane.stop();
      apart.stop();
      core.database.close();
      if (existsSync(state.paths.running)) rmSync(state.paths.running);
    },
  };
}

function openGateway(state: State, backplane: InProcessBackplane, clock: Clock, log: Logger) {
  return startGateway({
    name: "gateway-1",
    ...state.config.gateway,
    tls: state.tls,
    director: state.director,
    backplane,
    clock,
    log: log.child({ part: "gateway" }),
  });
}

async function openCore(state: State, clock: Clock, log: Logger) {
  const database = openDatabase(state.paths.database);
  const fleet = new SqliteFleetStore(database);
  const campaigns = new SqliteCampaignStore(database);
  const enrolments = new SqliteEnrolmentStore(database);
  const live = new LiveView(fleet, campaigns, clock);
  const quarantine = new Quarantine(campaigns.ledger());
  const intake = new Intake({
    fleet,
    campaigns,
    quarantine,
    tenant: state.config.tenant,
    onCommitted: (evidence) => live.note(evidence),
    onStanding: (ordinals) => live.noteStanding(ordinals),
  });
  const backplane = new InProcessBackplane(intake);
  const board = new PartBoard(clock);
  const apart = new SocketBackplaneServer({
    path: state.paths.backplane,
    manager: intake,
    board,
    clock,
    log: log.child({ part: "backplane" }),
  });
  const onOrder = () => {
    backplane.nudge();
    apart.nudge();
  };
  const trust = await TrustBook.open({ state, store: campaigns, clock, onOrder });
  const driver = new Driver({
    store: campaigns,
    observer: { planFacts: (campaign: Campaign) => live.planFacts(campaign) },
    directors: trust.directors,
    clock,
    onOrder,
  });
  const service = new ManagementService({ state, fleet, campaigns, enrolments, quarantine, live, driver, trust, clock });
  const watch = new ChannelWatch({ board, campaigns, quarantine, clock });
  return { database, fleet, campaigns, intake, backplane, apart, driver, service, watch };
}

function serveApi(state: State, service: ManagementService, watch: ChannelWatch) {
  const api = makeApi(service, watch, readOperators(state.paths.operators));
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
