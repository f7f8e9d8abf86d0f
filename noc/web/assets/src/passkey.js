// Passkeys (WebAuthn): sets one up on the page of one's own account, and logs in by one.

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
function octets(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer | null | undefined} buffer @returns {string | null} base64url */
function written(buffer) {
  if (!buffer) return null;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {{id: string}[] | undefined} keys @returns {any[]} */
const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: octets(key.id) }));

/**
 * @param {string} path
 * @param {object} said
 * @param {string} csrf
 * @returns {Promise<any>}
 */
async function send(path, said, csrf) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(said) });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

/** @param {PublicKeyCredential} made @returns {object} */
function told(made) {
  const { response } = made;
  const both = { clientDataJSON: written(response.clientDataJSON) };
  const rest =
    response instanceof AuthenticatorAttestationResponse
      ? { attestationObject: written(response.attestationObject), transports: response.getTransports() }
      : response instanceof AuthenticatorAssertionResponse
        ? {
            authenticatorData: written(response.authenticatorData),
            signature: written(response.signature),
            userHandle: written(response.userHandle),
          }
        : {};
  return { id: made.id, rawId: written(made.rawId), type: made.type, response: { ...both, ...rest } };
}

/** @param {HTMLElement} place */
async function logIn(place) {
  const asked = await send("/login/passkey/begin", { after: place.dataset.after }, "");
  const publicKey = { ...asked, challenge: octets(asked.challenge), allowCredentials: named(asked.allowCredentials) };
  const shown = await navigator.credentials.get({ publicKey });
  if (!(shown instanceof PublicKeyCredential)) throw new Error("no passkey was shown");
  const { goal } = await send("/login/passkey", { credential: told(shown), next: place.dataset.next }, "");
  location.assign(goal);
}

/** @param {HTMLFormElement} form */
async function setUp(form) {
  const said = new FormData(form);
  const csrf = String(said.get("csrf") ?? "");
  const asked = await send("/me/passkeys/begin", { password: said.get("passkey_password") }, csrf);
  const publicKey = {
    ...asked,
    challenge: octets(asked.challenge),
    user: { ...asked.user, id: octets(asked.user.id) },
    excludeCredentials: named(asked.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) throw new Error("no passkey was made");
  await send("/me/passkeys", { credential: told(made), name: said.get("passkey_name") }, csrf);
  location.assign("/me?done=passkey#passkeys");
}

for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-passkey]"))) {
  const button = place.querySelector("button");
  const wrong = /** @type {HTMLElement | null} */ (place.querySelector("[data-wrong]"));
  const none = /** @type {HTMLElement | null} */ (place.querySelector("[data-none]"));
  const known = /** @type {HTMLElement | null} */ (place.querySelector("[data-known]"));
  if (!button || !wrong || !none) continue;
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    none.hidden = false;
    continue;
  }
  /** @param {Event} event */
  const begin = async (event) => {
    event.preventDefault();
    button.disabled = true;
    wrong.hidden = true;
    if (known) known.hidden = true;
    try {
      await (place instanceof HTMLFormElement ? setUp(place) : logIn(place));
    } catch (error) {
      // InvalidStateError: one of excludeCredentials is on this device (WebAuthn, 5.1.3).
      const there = error instanceof DOMException && error.name === "InvalidStateError";
      (there && known ? known : wrong).hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  place.addEventListener(place instanceof HTMLFormElement ? "submit" : "click", (event) => {
    if (event.type === "submit" || event.target === button) begin(event);
  });
}
