// ONNX Runtime Web: WebGPU where there is one, else WebAssembly with SIMD; threads where the page may have them.

const MOST_THREADS = 4;

/** The runtime's files are not beside the page. */
export class RuntimeMissing extends Error {}

export class Runtime {
  constructor(ort, provider) {
    this.ort = ort;
    this.provider = provider;
  }

  /** Whether networks in 8-bit integers are faster than in 32-bit numbers: they have no kernels on a GPU. */
  get eightBits() {
    return this.provider === "wasm";
  }

  get threads() {
    return this.provider === "wasm" ? this.ort.env.wasm.numThreads : 0;
  }

  /**
   * @param {string} folder address of the runtime's files, ending in a slash
   * @param {object} builds `runtime` of settings.json: the first module to load for each provider
   * @param {"auto"|"webgpu"|"wasm"} wish
   */
  static async start(folder, builds, wish = "auto") {
    const provider = wish !== "wasm" && (await hasGpu()) ? "webgpu" : "wasm";
    let ort;
    try {
      ort = await import(new URL(builds[provider], folder).href);
    } catch (error) {
      throw new RuntimeMissing(String(error));
    }
    ort.env.wasm.wasmPaths = folder;
    ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
    ort.env.logLevel = "error";
    return new Runtime(ort, provider);
  }

  /** The session of a network from its bytes. */
  session(bytes) {
    return this.ort.InferenceSession.create(bytes, {
      executionProviders: [this.provider],
      graphOptimizationLevel: "all",
    });
  }

  /** YuNet: a float32 tensor to all its outputs by name. */
  detector(session) {
    return async ({ data, dims }) => {
      const outputs = await session.run({ [session.inputNames[0]]: new this.ort.Tensor("float32", data, dims) });
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data]));
    };
  }

  /** A network: uint8 crops to the output that is its answer. */
  network(session, { input, output }) {
    return async (crops, dims) => {
      const outputs = await session.run({ [input]: new this.ort.Tensor("uint8", crops, dims) }, [output]);
      return outputs[output].data;
    };
  }
}

/** The webgpu build waits by JavaScript promises, which few browsers can without; those take WebAssembly. */
async function hasGpu() {
  if (!("Suspending" in WebAssembly)) return false;
  return Boolean(await navigator.gpu?.requestAdapter().catch(() => null));
}
