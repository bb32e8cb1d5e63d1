/** Guided tours as they were recorded: where each stands, and showing one. */

/** @param {any} scenario @param {any} declared @returns {string} its address; the lab's first tour is its golden run */
export function recordingOf(scenario, declared) {
  return scenario.recording || (scenario.slug === declared.golden_scenario ? declared.golden : "");
}

/** Leave what is shown for a recorded tour, from its beginning. @param {import("./page.js").Lab} lab @param {any} scenario */
export async function showTour({ session, store, declared }, scenario) {
  const address = recordingOf(scenario, declared);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The recorded tour could not be loaded (${answer.status}).`);
  await session.replay(await answer.json());
  store.tour = scenario.slug;
  if (address === declared.golden) store.payloadsAt = declared.payloads;
}
