import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import fastify from "fastify";
import { InferenceSession, Tensor } from "onnxruntime-node";

/**
 * The peer: Fastify and onnxruntime-node doing the same work, written in the obvious way. Each call runs main and
 * challenger and is one durable insert, before the answer. JavaScript, because its packages are not part of the product's install.
 */
process.once("message", (settings) => void start(settings));

async function start({ main, challenger, dataFile, columns, inserts }) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const [mainSession, challengerSession] = await Promise.all(
    [main, challenger].map((file) => (file === null ? null : InferenceSession.create(readFileSync(file), options))),
  );
  const database = new DatabaseSync(dataFile);
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  database.exec("create table records (id integer primary key, at integer, features text, main text, challenger text)");
  const insert = database.prepare("insert into records (at, features, main, challenger) values (?, ?, ?, ?)");

  const record = (rows, answers, others) => {
    if (!inserts) return rows.map((_, index) => index);
    if (rows.length > 1) database.exec("begin");
    const ids = rows.map((row, index) => {
      const other = others === null ? null : JSON.stringify(others[index]);
      return Number(insert.run(Date.now(), JSON.stringify(row), JSON.stringify(answers[index]), other).lastInsertRowid);
    });
    if (rows.length > 1) database.exec("commit");
    return ids;
  };

  const app = fastify();
  app.post("/predict", async (request) => {
    const rows = request.body.rows ?? [request.body.features];
    const answers = await predict(mainSession, columns, rows);
    const others = challengerSession === null ? null : await predict(challengerSession, columns, rows);
    const ids = record(rows, answers, others);
    const predictions = answers.map((answer, index) => ({ prediction_id: String(ids[index]), ...answer }));
    return request.body.rows === undefined ? predictions[0] : { predictions };
  });
  process.on("disconnect", () => process.exit());
  process.send(await app.listen({ host: "127.0.0.1", port: 0 }));
}

async function predict(session, columns, rows) {
  const data = Float32Array.from(rows.flatMap((row) => columns.map((name) => row[name] ?? Number.NaN)));
  const { label, probabilities } = await session.run({
    float_input: new Tensor("float32", data, [rows.length, columns.length]),
  });
  return rows.map((_, index) => ({
    prediction: label.data[index],
    probabilities: { no: probabilities.data[index * 2], yes: probabilities.data[index * 2 + 1] },
  }));
}
