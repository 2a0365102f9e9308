/**
 * The process that holds the webcams. Each one is the real agent from src/agent with its own directory, key, certificate,
 * slots and channel; they share this process and nothing else. The story tells it what to do over IPC.
 */
import { Webcam } from "./webcam.ts";
import type { FromWebcams, ToWebcams } from "./protocol.ts";

const webcams = new Map<string, Webcam>();

function say(message: FromWebcams): void {
  process.send?.(message);
}

process.on("message", (message: ToWebcams) => {
  void obey(message).then(() => say({ say: "done", of: message.say }));
});
say({ say: "ready" });

async function obey(message: ToWebcams): Promise<void> {
  switch (message.say) {
    case "power-on":
      await Promise.all(
        message.webcams.map(async (spec, index) => {
          const webcam = webcams.get(spec.id) ?? new Webcam(spec, (what) => say({ say: "happened", id: spec.id, what }));
          webcams.set(spec.id, webcam);
          await Bun.sleep((message.overMs * index) / message.webcams.length);
          webcam.switchOn();
        }),
      );
      return;
    case "update-by-hand":
      await webcams.get(message.webcam.id)?.updateByHand(message.image, message.version, message.counter);
      return;
    case "end":
      await Promise.all([...webcams.values()].map((webcam) => webcam.switchOff()));
      process.disconnect?.();
      return;
  }
}
