/** What a message carried, where no host is left to be asked: a recording brings its payloads, or says where they stand. */

/** @param {import("./store.js").Store} store @param {string} id of a message @returns {Promise<any>} its attributes and its data */
export async function inspectHeld(store, id) {
  const known = store.messageById(id);
  if (!known) throw new Error(`This run has no message ${id}.`);
  if (store.live) throw new Error("The run is over, and its payloads went with it.");
  await load(store, store.payloadsAt);
  const about = { id: known.id, type: known.type, role: known.role, source: known.source, subject: known.subject };
  const parents = store.parents[id];
  return { ...about, data: store.payloads[id] ?? {}, ...(parents ? { parents } : {}) };
}

/** A recording that a page shows first comes without them; the first one opened brings them all. */
async function load(store, address) {
  if (!address) return;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The payloads could not be loaded (${answer.status}).`);
  const payloads = await answer.json();
  if (store.payloadsAt !== address) return; // another run is shown by now
  Object.assign(store, { payloads, payloadsAt: "" });
}
