// Everything that the pages run. htmx fetches and morphs; the custom elements hold the state that is real.
import "./htmx.js";
import { startAges } from "./ages.js";
import { NocChart } from "./chart.js";
import { startCentred } from "./centred.js";
import { startFind } from "./find.js";
import { startKeys } from "./keys.js";
import { NocLive } from "./live.js";
import { NocMarks } from "./marks.js";
import { startPaper } from "./paper.js";
import { startPicking } from "./picking.js";
import { startStill } from "./still.js";
import { startTheme } from "./themeswitch.js";
import { startZone } from "./zone.js";

customElements.define("noc-live", NocLive);
customElements.define("noc-chart", NocChart);
customElements.define("noc-marks", NocMarks);
startAges();
startCentred();
startFind();
startKeys();
startPaper();
startPicking();
startStill();
startTheme();
startZone();
