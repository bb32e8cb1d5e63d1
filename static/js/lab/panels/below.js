/** The panels below the stage: the run in words, in code, and what of it is real. */

import { mount as code } from "./code.js";
import { mount as fidelity } from "./fidelity.js";
import { mount as transcript } from "./transcript.js";

/** @type {Record<string, import("./index.js").Mount>} */
export const PANELS = { transcript, code, fidelity };
