/** The panels further down beside the stage: what to break and cure, and the message selected. */

import { mount as faults } from "./faults.js";
import { mount as message } from "./message.js";

/** @type {Record<string, import("./index.js").Mount>} */
export const PANELS = { faults, message };
