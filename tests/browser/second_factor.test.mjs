// The second factor's key as a picture: what a phone's camera reads in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import decodeQR from "qr/decode.js";
import { base, open, passwords } from "./support.mjs";

// The path of the picture as a camera's image: white, and each "Mx yhNv1h-Nz" dark.
function imageOf(path, modules, scale = 4) {
  const width = modules * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let row = y * scale; row < (Number(y) + 1) * scale; row += 1)
      for (let column = x * scale; column < (Number(x) + Number(run)) * scale; column += 1)
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
  return { width, height: width, data };
}

async function begin(page) {
  await page.goto(`${base}/account/second-factor`);
  await page.getByLabel("Your password").fill(passwords.author);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "1. Give the key to your app" }).waitFor();
}

test("the picture of the key says what the link says; without a script there is the key alone", async () => {
  const plain = await open({ as: "author", javaScriptEnabled: false });
  await begin(plain);
  assert.equal(await plain.locator("#qr").isVisible(), false);
  assert.equal(await plain.locator("code.secret").isVisible(), true);
  await plain.done();

  const page = await open({ as: "author", colorScheme: "dark" });
  await page.goto(`${base}/account/second-factor`);
  const picture = page.getByRole("img", { name: "QR code of the key" });
  await picture.waitFor();
  const modules = Number((await picture.getAttribute("viewBox")).split(" ")[2]);
  const text = decodeQR(imageOf(await picture.locator("path").getAttribute("d"), modules));
  const link = await page.getByRole("link", { name: "open the app with the key" }).getAttribute("href");
  assert.equal(text, link);
  const key = (await page.locator("code.secret").textContent()).replaceAll(" ", "");
  assert.match(text, new RegExp(`^otpauth://totp/Tranche:author%40[^?]+\\?secret=${key}&issuer=Tranche&algorithm=SHA1&digits=6&period=30$`));
  assert.deepEqual(await picture.evaluate((svg) => [getComputedStyle(svg).backgroundColor, getComputedStyle(svg.firstChild).fill]), ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
  const { width } = await picture.boundingBox();
  assert.ok(width >= 4 * modules, `${width} px for ${modules} modules`);
  await page.done();
});
