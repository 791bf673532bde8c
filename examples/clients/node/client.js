// Ask vaiven and print the answer as it is written: `npm ci && npm start -- "write a python function that reverses a string"`.
// Start the service first (`make serve`). The protos are read as they are; nothing is generated.
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const words = process.argv.slice(2).join(" ");
if (!words) {
  console.error('Say what you want: npm start -- "write a python function that reverses a string"');
  process.exit(2);
}

const protos = fileURLToPath(new URL("../../../protos", import.meta.url));
const definition = loader.loadSync("vaiven/v1/agent_service.proto", {
  includeDirs: [protos, `${protos}/third_party`],
  keepCase: true,
  longs: Number,
  enums: String,
  oneofs: true,
});
const { vaiven } = grpc.loadPackageDefinition(definition);
const address = process.env.VAIVEN_ADDRESS ?? "127.0.0.1:50051";
const client = new vaiven.v1.AgentService(address, grpc.credentials.createInsecure());

const events = client.Run({ input: words });
events.on("data", (event) => {
  if (event.payload === "text_delta") process.stdout.write(event.text_delta.text);
  const end = event.completed ?? event.incomplete ?? event.failed ?? event.cancelled;
  if (end) console.log(`\n-- ${event.payload}, ${end.usage.output_tokens} tokens`);
});
events.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
