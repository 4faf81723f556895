/* Reads QR codes from the camera, for the page at the door: with the browser's own reader where it has one, else with
   the one that is served with the portal. Loaded when the camera is opened. */

const EVERY = 160;
const WIDE = 720;

const own_reader = async () => {
  if (!("BarcodeDetector" in self)) return null;
  try {
    if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue || "";
  } catch {
    return null;
  }
};

const served_reader = async (address) => {
  const { default: decode } = await import(address);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDE / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decode(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return "";
    }
  };
};

/* Show the camera in `video`, and say each code that is read to `found`. Answers a function that ends it. */
export const watch = async (video, decoder, found) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  let over = false;
  const end = () => {
    over = true;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
    const read = await own_reader() || await served_reader(decoder);
    const look = async () => {
      if (over) return;
      if (video.videoWidth && !document.hidden) {
        const code = await read(video).catch(() => "");
        if (code && !over) found(code);
      }
      setTimeout(look, EVERY);
    };
    look();
  } catch (error) {
    end();
    throw error;
  }
  return end;
};
