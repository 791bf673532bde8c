// Ask vaiven in ten lines, as the README has it: `node examples/clients/node/ask.mjs` from the top folder, beside `make serve`.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const includeDirs = ["protos", "protos/third_party"];
const { vaiven } = grpc.loadPackageDefinition(loader.loadSync("vaiven/v1/agent_service.proto", { includeDirs }));
const client = new vaiven.v1.AgentService("127.0.0.1:50051", grpc.credentials.createInsecure());
const events = client.Run({ input: "write a python function that reverses a string" });
events.on("data", (event) => process.stdout.write(event.textDelta?.text ?? ""));
events.on("error", (error) => console.error(error.message));
