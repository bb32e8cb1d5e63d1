/** The panels that stand beside the stage, in sight at once on a wide page: what to try, what to turn, what to read off. */

import { mount as charts } from "./charts.js";
import { mount as goal } from "./goal.js";
import { mount as knobs } from "./knobs.js";
import { mount as lights } from "./lights.js";
import { mount as scenarios } from "./scenarios.js";

/** By the name in their element's data-panel. @type {Record<string, import("./index.js").Mount>} */
export const PANELS = { goal, scenarios, knobs, lights, charts };
