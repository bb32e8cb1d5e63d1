/** Every panel of the lab page, by the name in its element's data-panel. */

import { mount as mountCharts } from "./charts.js";
import { mount as mountCode } from "./code.js";
import { mount as mountFaults } from "./faults.js";
import { mount as mountFidelity } from "./fidelity.js";
import { mount as mountGoal } from "./goal.js";
import { mount as mountKnobs } from "./knobs.js";
import { mount as mountLights } from "./lights.js";
import { mount as mountMessage } from "./message.js";
import { mount as mountScenarios } from "./scenarios.js";
import { mount as mountShare } from "./share.js";
import { mount as mountTranscript } from "./transcript.js";

/** @type {Record<string, (root: HTMLElement, lab: import("../page.js").Lab) => void>} */
export const PANELS = {
  charts: mountCharts,
  code: mountCode,
  faults: mountFaults,
  fidelity: mountFidelity,
  goal: mountGoal,
  knobs: mountKnobs,
  lights: mountLights,
  message: mountMessage,
  scenarios: mountScenarios,
  share: mountShare,
  transcript: mountTranscript,
};
