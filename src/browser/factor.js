// The second factor's key as a picture for the camera of a phone. It is drawn here, so that the key goes nowhere;
// without a script the key is typed.
import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // modules of white around it, as ISO 18004 wants

// Each run of dark modules in a row is one rectangle of the path.
function pathOf(rows) {
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const begin = x;
      while (row[x]) x++;
      if (x > begin) path += `M${begin} ${y}h${x - begin}v1h-${x - begin}z`;
    }
  });
  return path;
}

const place = document.getElementById("qr");
if (place) {
  const rows = encodeQR(place.dataset.text, "raw", { ecc: "medium", border: QUIET });
  const picture = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  picture.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", "QR code of the key");
  path.setAttribute("d", pathOf(rows));
  picture.append(path);
  place.append(picture);
  place.hidden = false;
}
