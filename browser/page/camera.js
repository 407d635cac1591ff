// The camera: opened by a click, closed when the page is out of sight, opened again when it is back.

const SIZE = { width: { ideal: 640 }, height: { ideal: 480 } };

const REASONS = {
  NotAllowedError: "camera_refused",
  SecurityError: "camera_refused",
  NotFoundError: "no_camera",
  OverconstrainedError: "no_camera",
  NotReadableError: "camera_busy",
  AbortError: "camera_busy",
};

/** Why the camera did not open: `reason` names a sentence in settings.words. */
export class CameraError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export class Camera {
  constructor(video) {
    this.video = video;
    this.stream = null;
  }

  get open() {
    return this.stream !== null;
  }

  /** @param {string} wish 'user', 'environment' or the id of a device */
  async start(wish) {
    if (!self.isSecureContext || !navigator.mediaDevices) throw new CameraError("insecure");
    const which = ["user", "environment"].includes(wish) ? { facingMode: wish } : { deviceId: { exact: wish } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...SIZE, ...which }, audio: false });
    } catch (error) {
      throw new CameraError(REASONS[error.name] ?? "camera_busy");
    }
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  /** Cameras by name; browsers tell the names only after one was opened. */
  static async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter((device) => device.kind === "videoinput" && device.label);
  }
}
