BEGIN TRANSACTION;
CREATE TABLE gto_artifact (
	repository TEXT NOT NULL,
	artifact TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	PRIMARY KEY (repository, artifact)
);
INSERT INTO "gto_artifact" VALUES('models','churn',1);
CREATE TABLE gto_delivery (
	id TEXT NOT NULL,
	sink TEXT NOT NULL,
	event TEXT NOT NULL,
	repository TEXT NOT NULL,
	artifact TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	wake INTEGER NOT NULL,
	wake_at DOUBLE NOT NULL,
	next_at DOUBLE NOT NULL,
	found_at DOUBLE NOT NULL,
	first_at DOUBLE NOT NULL,
	last_at DOUBLE NOT NULL,
	said TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (sink, repository, artifact, sequence)
);
INSERT INTO "gto_delivery" VALUES('out:gto_xwslcqkibte7lan4thcwqc5xpc','out','gto_xwslcqkibte7lan4thcwqc5xpc','models','churn',1,'waiting',0,0,1.79575290433741831782e+09,0.0,1.79575290433741831782e+09,0.0,0.0,'');
CREATE TABLE gto_event (
	id TEXT NOT NULL,
	repository TEXT NOT NULL,
	artifact TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	word TEXT NOT NULL,
	tag TEXT NOT NULL,
	holds BOOLEAN NOT NULL,
	body TEXT NOT NULL,
	found_by TEXT NOT NULL,
	found_at DOUBLE NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (repository, artifact, sequence)
);
INSERT INTO "gto_event" VALUES('gto_xwslcqkibte7lan4thcwqc5xpc','models','churn',1,'assignment','churn#prod#1',1,'{"specversion":"1.0","id":"gto_xwslcqkibte7lan4thcwqc5xpc","source":"http://127.0.0.1:40265/o/r","type":"io.github.gto-action.assignment.v1","subject":"churn","time":"1970-01-01T00:16:42+00:00","datacontenttype":"application/json","sequence":"0000000001","tag":"churn#prod#1","data":{"schema_version":1,"event":"assignment","name":"churn","version":"v1.0.0","stage":"prod","type":"model","path":"models/churn.pkl","description":"Who leaves","tag":"churn#prod#1","sha":"55a10cb23ef0085ebb73230fd154da7401c1b49a","author":"Ada Lovelace","author_email":"ada@example.com","created_at":"1970-01-01T00:16:42+00:00","message":"a message","labels":["tabular","two words"],"meta":{"threshold":0.5},"directory":"","pulled":false,"pull":null,"semver":{"major":1,"minor":0,"patch":0,"prerelease":"","build":""},"ambiguous":false,"candidates":[],"previous_version":"","previous":null,"current_version":"v1.0.0","current":{"version":"v1.0.0","sha":"55a10cb23ef0085ebb73230fd154da7401c1b49a","tag":"churn@v1.0.0"},"is_current":true,"matched":true,"latest_version":"v1.0.0","latest":{"version":"v1.0.0","sha":"55a10cb23ef0085ebb73230fd154da7401c1b49a","tag":"churn@v1.0.0"},"stages":{"prod":{"version":"v1.0.0","sha":"55a10cb23ef0085ebb73230fd154da7401c1b49a","tag":"churn@v1.0.0"}},"deleted":null}}','sync',1.79575290433741831782e+09);
CREATE TABLE gto_hook (
	number INTEGER NOT NULL,
	repository TEXT NOT NULL,
	delivery TEXT NOT NULL,
	event TEXT NOT NULL,
	received_at DOUBLE NOT NULL,
	PRIMARY KEY (number)
);
CREATE TABLE gto_migration (
	number INTEGER NOT NULL,
	applied_at DOUBLE NOT NULL,
	PRIMARY KEY (number)
);
INSERT INTO "gto_migration" VALUES(1,1.7957529039924540519e+09);
CREATE TABLE gto_ref (
	repository TEXT NOT NULL,
	tag TEXT NOT NULL,
	oid TEXT NOT NULL,
	generation INTEGER NOT NULL,
	counted BOOLEAN NOT NULL,
	PRIMARY KEY (repository, tag)
);
INSERT INTO "gto_ref" VALUES('models','churn@v1.0.0','86f1656f1098503e8270a916b3cc36c7b1ae1a77',1,1);
INSERT INTO "gto_ref" VALUES('models','churn#prod#1','f4cb30cae858f035159b4bf2368b789995cd449f',1,1);
CREATE TABLE gto_repository (
	name TEXT NOT NULL,
	digest TEXT NOT NULL,
	version BIGINT NOT NULL,
	wanted BIGINT NOT NULL,
	done BIGINT NOT NULL,
	looks BIGINT NOT NULL,
	failures INTEGER NOT NULL,
	not_before DOUBLE NOT NULL,
	poll_at DOUBLE NOT NULL,
	looked_at DOUBLE NOT NULL,
	error TEXT NOT NULL,
	halted BOOLEAN NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "gto_repository" VALUES('models','8502ba82fc6f94245cce97d5410c0b10f0738825b052139759a57e363282aa2c',2,0,0,2,0,0.0,0.0,1.79575290434832644465e+09,'',0);
CREATE TABLE gto_sink (
	name TEXT NOT NULL,
	paused BOOLEAN NOT NULL,
	said TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE INDEX gto_delivery_due ON gto_delivery (state, wake_at);
CREATE INDEX gto_delivery_event ON gto_delivery (event);
CREATE INDEX gto_hook_received ON gto_hook (received_at);
COMMIT;
