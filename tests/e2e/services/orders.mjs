// A gRPC service on Node with server reflection; says its port on the first line of its output, then each call.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

const proto = join(dirname(fileURLToPath(import.meta.url)), "orders.proto");
const definition = loader.loadSync(proto, { keepCase: true, longs: String, enums: String });
const { Orders } = grpc.loadPackageDefinition(definition).warehouse.v1;

const orders = {
  1042: { state: "STATE_SENT", customer: "Ada" },
  1187: { state: "STATE_PACKED", customer: "Ana Costa" },
  77: { state: "STATE_PACKED", customer: "Bruno Lima" },
};

const order = (number, state) => ({
  number,
  state,
  customer: orders[number].customer,
  lines: [{ article: "lamp", pieces: 2 }],
  prices: { lamp: 19.5 },
});

// Returns whether there is such an order; where there is none, the call has ended with an error.
const known = (call, method, fail) => {
  const { number } = call.request;
  console.log(`${method} ${number}`);
  if (number in orders) return true;
  fail({ code: grpc.status.NOT_FOUND, details: `there is no order ${number}` });
  return false;
};

const server = new grpc.Server();
server.addService(Orders.service, {
  GetOrder: (call, answer) => {
    const { number } = call.request;
    if (known(call, "GetOrder", answer)) answer(null, order(number, orders[number].state));
  },
  ListStates: (call) => {
    const { number } = call.request;
    if (!known(call, "ListStates", (error) => call.emit("error", error))) return;
    call.write(order(number, "STATE_PACKED"));
    call.write(order(number, "STATE_SENT"));
    call.end();
  },
  CancelOrder: (call, answer) => {
    const { number, reason } = call.request;
    if (!known(call, "CancelOrder", answer)) return;
    // Its caller is to die while it waits.
    if (reason !== "silence") answer(null, order(number, "STATE_CANCELLED"));
  },
});
new ReflectionService(definition).addToServer(server);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
