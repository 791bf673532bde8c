// A gRPC service on Node with server reflection; says its port on the first line of its output.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

const proto = join(dirname(fileURLToPath(import.meta.url)), "orders.proto");
const definition = loader.loadSync(proto, { keepCase: true, longs: String, enums: String });
const { Orders } = grpc.loadPackageDefinition(definition).warehouse.v1;

const order = (number, state) => ({
  number,
  state,
  customer: "Ada",
  lines: [{ article: "lamp", pieces: 2 }],
  prices: { lamp: 19.5 },
});

const notFound = (number) => ({ code: grpc.status.NOT_FOUND, details: `there is no order ${number}` });

const server = new grpc.Server();
server.addService(Orders.service, {
  GetOrder: ({ request }, answer) =>
    request.number === "1042" ? answer(null, order("1042", "STATE_SENT")) : answer(notFound(request.number)),
  ListStates: (call) => {
    call.write(order(call.request.number, "STATE_PACKED"));
    call.write(order(call.request.number, "STATE_SENT"));
    call.end();
  },
  CancelOrder: ({ request }, answer) => answer(null, order(request.number, "STATE_CANCELLED")),
});
new ReflectionService(definition).addToServer(server);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
