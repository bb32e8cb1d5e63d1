/** What every page's frame needs: the display menu and the search key. */

import { wireDisplay } from "./display.js";
import { wireSearchKey } from "./search-key.js";

const menu = document.querySelector("[data-display]");
if (menu instanceof HTMLElement) wireDisplay(menu);

// The search page has a box of its own; it stands after the header's link.
const search = [...document.querySelectorAll("[data-search]")].at(-1);
if (search instanceof HTMLElement) wireSearchKey(search);
