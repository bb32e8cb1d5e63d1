/** What browser and host say to each other. Generated from patterns/host/protocol.py: do not edit. */

export const VERSION = 2;
export const TICKS_PER_SECOND = 10000;
export const FRAMES_PER_SECOND = 20;
export const MAX_COMMAND_BYTES = 16384;
export const MAX_COMMANDS_PER_SECOND = 20;
export const ROLES = ["event", "command", "request", "reply", "ack", "error", "batch"];
export const OUTCOMES = ["ack", "nack", "reply", "error", "expired", "dead-lettered", "accepted", "applied", "skipped", "lost"];
export const PHASES = ["asked", "seen", "healed"];
export const STATUSES = ["holds", "violated", "unknown"];
/** Number of each kind of row. */
export const ROW = {"message": 0, "sent": 1, "received": 2, "dropped": 3, "settled": 4, "changed": 5, "noted": 6, "faulted": 7, "tuned": 8, "ended": 9, "light": 10, "reading": 11};
/** The field after `at` that counts back from the newest in an events frame, by kind of row. */
export const BACK = {"sent": "message", "received": "hop", "dropped": "hop", "settled": "message"};
/** Fields of a row after its number, by that number; the last ones may be missing. */
export const FIELDS = [
  ["sort", "subject", "id", "causation_back", "correlation_back"], // message
  ["at", "message", "link", "flight", "code", "attempt", "why"], // sent
  ["at", "hop", "code", "why"], // received
  ["at", "hop", "code", "why"], // dropped
  ["at", "message", "node", "outcome", "code", "why"], // settled
  ["at", "gauge", "value", "code", "why"], // changed
  ["at", "node", "text", "code", "message"], // noted
  ["at", "fault", "phase", "code", "evidence", "by", "amount"], // faulted
  ["at", "control", "value", "code", "by"], // tuned
  ["at", "why", "code"], // ended
  ["at", "invariant", "status", "count", "first"], // light
  ["at", "metric", "value"], // reading
];

/** @typedef {object} HelloFrame
 * @property {"hello"} t
 * @property {number} version
 * @property {string} pattern
 * @property {object[]} engines
 */

/** @typedef {object} RunFrame
 * @property {"run"} t
 * @property {string} run id of the run; the id already held means that what follows goes on from there
 * @property {string} pattern
 * @property {string} engine
 * @property {number} seed
 * @property {Record<string, any>} settings all settings when the run began
 * @property {string} scenario
 * @property {number} speed
 */

/** @typedef {object} EventsFrame
 * @property {"events"} t
 * @property {number} seq of the first log event in rows
 * @property {number} base ticks; the first row's `at` counts from here, each other one's from the row before
 * @property {number} now ticks of run time when the frame was made
 * @property {any[]} names new names, left out where there are none; a name is a string or a list of strings, a line of code [file, function, line]
 * @property {any[][]} rows
 */

/** @typedef {object} SnapshotFrame
 * @property {"snapshot"} t
 * @property {number} seq of the last log event it includes
 * @property {number} now ticks
 * @property {any[]} names all names so far
 * @property {any[]} rows all message rows, then the rows that make up the state now
 * @property {number[]} seqs the seq of each row that is a log event, else 0
 * @property {number[]} flying the hop of each sent row here, in order
 * @property {number} hops how many hops there were
 * @property {number} dropped how many hops were dropped
 */

/** @typedef {object} ClockFrame
 * @property {"clock"} t
 * @property {number} now ticks
 * @property {number} speed
 * @property {boolean} paused
 */

/** @typedef {object} MessageFrame
 * @property {"message"} t
 * @property {number} re id of the command
 * @property {Record<string, any>} message the CloudEvents attributes
 */

/** @typedef {object} OkFrame
 * @property {"ok"} t
 * @property {number} re id of the command
 */

/** @typedef {object} SavedFrame
 * @property {"saved"} t
 * @property {number} re
 * @property {string} url
 */

/** @typedef {object} ErrorFrame
 * @property {"error"} t
 * @property {number} re id of the command or 0
 * @property {string} why a sentence
 */

/** @typedef {object} LaggedFrame
 * @property {"lagged"} t
 * @property {number} skipped log events this viewer was not sent
 * @property {string} why
 */

/** @typedef {object} GoneFrame
 * @property {"gone"} t
 * @property {string} why a sentence; the run is over and its host with it
 */

/** Begin a run and watch it; a run this viewer watched before goes on only if others watch it. Seed and speed 0 are the scenario's own, else 1; a fault is written `name:target` or `name:target=amount`. `script` is what happens later, as a permalink tells it: `2.31 drop-ack:inventory=0.4`, `5 -drop-ack:inventory` (heals), `7 loyalty=true`.
 * @typedef {object} StartCommand
 * @property {"start"} c
 * @property {number} [seed]
 * @property {string} [engine]
 * @property {Record<string, any>} [settings]
 * @property {string} [scenario]
 * @property {number} [speed]
 * @property {string[]} [faults]
 * @property {string[]} [script]
 */

/** Watch a run that is there; `seq` is the last event already held: the rest follows, or a snapshot.
 * @typedef {object} JoinCommand
 * @property {"join"} c
 * @property {string} [run]
 * @property {number} [seq]
 */

/** End the run.
 * @typedef {object} StopCommand
 * @property {"stop"} c
 */

/** Let the workload's clock stand still.
 * @typedef {object} PauseCommand
 * @property {"pause"} c
 */

/** Let the workload's clock go on.
 * @typedef {object} ResumeCommand
 * @property {"resume"} c
 */

/** While paused: release the workload's next deadline only.
 * @typedef {object} StepCommand
 * @property {"step"} c
 */

/** Seconds of run time per real second, 0.05 to 10.
 * @typedef {object} SpeedCommand
 * @property {"speed"} c
 * @property {number} [speed]
 */

/** Turn a control or remedy.
 * @typedef {object} SetCommand
 * @property {"set"} c
 * @property {string} [control]
 * @property {string | number | boolean} [value]
 */

/** Ask for a fault. Without an amount, its declared one; `lasts` in seconds of run time, 0 until healed.
 * @typedef {object} AskCommand
 * @property {"ask"} c
 * @property {string} [fault]
 * @property {string} [target]
 * @property {number} [amount]
 * @property {number} [lasts]
 */

/** Take a fault away.
 * @typedef {object} HealCommand
 * @property {"heal"} c
 * @property {string} [fault]
 * @property {string} [target]
 */

/** Ask for one message whole, by its id: the answer is a `message` frame.
 * @typedef {object} InspectCommand
 * @property {"inspect"} c
 * @property {string} [message]
 */

/** Keep the run so far: the site stores the recording and answers with its address.
 * @typedef {object} SaveCommand
 * @property {"save"} c
 * @property {string} [title]
 */
