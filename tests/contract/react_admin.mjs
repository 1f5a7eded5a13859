// What a react-admin application does through its data provider for Django REST framework, told as JSON.
// Arguments: the address of the API, a token, and the code of a programme to edit.
import ra from "ra-core";
import provider from "ra-data-django-rest-framework";

const [api, token, code] = process.argv.slice(2);

// react-admin wants an `id` in each record; ours are known by their code.
const identified = (record) => (record?.code ? { ...record, id: record.code } : record);
const request = async (url, options = {}) => {
  const headers = new Headers({ ...options.headers, Authorization: token, Accept: "application/json" });
  const body = options.body && JSON.stringify({ ...JSON.parse(options.body), id: undefined });
  const answer = await ra.fetchUtils.fetchJson(url, { ...options, headers, body });
  const { json } = answer;
  const isPage = json !== null && "next" in json; // a programme has `results`, too
  return { ...answer, json: isPage ? { ...json, results: json.results.map(identified) } : identified(json) };
};

const data = (provider.default ?? provider)(api, request);
const asked = { pagination: { page: 1, perPage: 2 }, sort: { field: "code", order: "ASC" }, filter: {} };
const codes = ({ data: records, total }) => ({ total, ids: records.map((record) => record.id) });

const first = await data.getList("programmes", asked);
const second = await data.getList("programmes", { ...asked, pagination: { page: 2, perPage: 2 } });
const descending = await data.getList("programmes", { ...asked, sort: { field: "code", order: "DESC" } });
const filtered = await data.getList("programmes", { ...asked, filter: { kind: "mission" } });
const searched = await data.getList("programmes", { ...asked, filter: { q: "second" } });
const of = await data.getManyReference("phases", { ...asked, target: "programme", id: code });
const many = await data.getMany("programmes", { ids: [code] });
const { data: record } = await data.getOne("programmes", { id: code });
const updated = await data.update("programmes", { id: code, data: { ...record, name: "Renamed" }, previousData: record });
let stale = null;
try {
  await data.update("programmes", { id: code, data: { ...record, name: "Renamed twice" }, previousData: record });
} catch (error) {
  stale = error.status;
}
const created = await data.create("programmes", { data: { code: "NEW", name: "New", kind: "project" } });

console.log(
  JSON.stringify({
    first: codes(first),
    second: codes(second),
    descending: codes(descending),
    filtered: codes(filtered),
    searched: codes(searched),
    of: codes(of),
    many: many.data.map((each) => each.id),
    updated: updated.data.name,
    stale,
    created: created.data.id,
  }),
);
