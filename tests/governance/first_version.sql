-- A database of revision 0001 (sqlite3's iterdump), with a row or more in each table.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE aliases (
	model VARCHAR(80) NOT NULL, 
	alias VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	since VARCHAR(32) NOT NULL, 
	PRIMARY KEY (model, alias), 
	FOREIGN KEY(model, number) REFERENCES versions (model, number)
);
INSERT INTO "aliases" VALUES('iris_tree','champion',1,'2026-11-20T09:00:03.000000Z');
CREATE TABLE audit_log (
	seq INTEGER NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	action VARCHAR(40) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	details TEXT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit_log" VALUES(1,'2026-11-20T09:00:03.000001Z','1ceb9bd4a4951156181334f4f1d41f166eb04668721c9d259ec953dca6e29925','register','iris_tree@1','{"record":"77a63c5a1351cc60cb5bcde2d11a4caeb2c99147a1c895ffd2f327985fa10956"}','0000000000000000000000000000000000000000000000000000000000000000','4de9c23d95f7db6bc96cbe4f2e3d9003640e3681fc3b88f6e5c1543057442d40');
INSERT INTO "audit_log" VALUES(2,'2026-11-20T09:00:03.000002Z','1ceb9bd4a4951156181334f4f1d41f166eb04668721c9d259ec953dca6e29925','promote','iris_tree@1','{"alias":"champion","from":null,"reason":"the first version","to":1}','4de9c23d95f7db6bc96cbe4f2e3d9003640e3681fc3b88f6e5c1543057442d40','ae65a4f28d84c6fa3e4980a8289827ba720dcdab087295c9ab1e7dd5ef6bf66d');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	request TEXT NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	created VARCHAR(32) NOT NULL, 
	started VARCHAR(32), 
	ended VARCHAR(32), 
	cancel_requested INTEGER DEFAULT '0' NOT NULL, 
	progress TEXT DEFAULT '{}' NOT NULL, 
	result TEXT, 
	message TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES(1,'train','iris_tree','{"settings": {}, "seed": 0, "threads": 2, "data": null}','f5b2cf4c3886c0a7d2b68b6d3da663a555e6dd6df3691d154e34f7e8367ba60d','done','1ceb9bd4a4951156181334f4f1d41f166eb04668721c9d259ec953dca6e29925','2026-11-20T09:00:00.500000Z','2026-11-20T09:00:00.600000Z','2026-11-20T09:00:03.500000Z',0,'{}','{"version": "iris_tree@1", "record": "77a63c5a1351cc60cb5bcde2d11a4caeb2c99147a1c895ffd2f327985fa10956"}',NULL);
CREATE TABLE records (
	id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	subject VARCHAR(64), 
	created VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(subject) REFERENCES records (id)
);
INSERT INTO "records" VALUES('77a63c5a1351cc60cb5bcde2d11a4caeb2c99147a1c895ffd2f327985fa10956','run','iris_tree',NULL,'2026-11-20T09:00:01.000000Z','{"code":{"entry_point":"python -m models train","files":{"models/iris_tree.py":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"},"git":null},"created":"2026-11-20T09:00:01.000000Z","data":{"fingerprint":"1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e","name":"iris","rows":150},"environment":{"python":"3.11.9"},"kind":"run","model":"iris_tree","numerics":{"environment_variables":{}},"parameters":{"chosen":{"max_depth":3},"seed":0,"settings":{"max_depth":"auto"},"threads":2},"results":{"duration_s":1.5,"files":{},"metrics":{"accuracy":{"value":0.95}},"tensors":{},"weights_digest":"2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d"},"schema":1,"session":"1ceb9bd4a4951156181334f4f1d41f166eb04668721c9d259ec953dca6e29925"}');
CREATE TABLE sessions (
	digest VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	started VARCHAR(32) NOT NULL, 
	who VARCHAR(200), 
	host VARCHAR(200), 
	salt VARCHAR(32), 
	PRIMARY KEY (digest)
);
INSERT INTO "sessions" VALUES('1ceb9bd4a4951156181334f4f1d41f166eb04668721c9d259ec953dca6e29925','cli','2026-11-20T09:00:00.000000Z','ada','analytical-engine','5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a');
CREATE TABLE versions (
	model VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	record VARCHAR(64) NOT NULL, 
	created VARCHAR(32) NOT NULL, 
	PRIMARY KEY (model, number), 
	FOREIGN KEY(record) REFERENCES records (id)
);
INSERT INTO "versions" VALUES('iris_tree',1,'77a63c5a1351cc60cb5bcde2d11a4caeb2c99147a1c895ffd2f327985fa10956','2026-11-20T09:00:03.000000Z');
CREATE INDEX records_subject ON records (subject);
CREATE UNIQUE INDEX jobs_unfinished_key ON jobs ("key") WHERE status IN ('queued', 'running');
COMMIT;
