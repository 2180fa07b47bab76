-- CreateTable
CREATE TABLE `note` (
  `id` bigint NOT NULL,
  `title` varchar(9) NOT NULL,
  `more` json_text NOT NULL,
  CONSTRAINT `pk_note` PRIMARY KEY (`id`),
  CONSTRAINT `ty_note_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_note_title` CHECK (typeof(`title`) = 'text' AND length(`title`) <= 9),
  CONSTRAINT `ty_note_more` CHECK (typeof(`more`) = 'text' AND json_valid(`more`)),
  CONSTRAINT `ck_note_id` CHECK (id > 0)
);
--   Table("note")
CREATE INDEX `ix_note_title_only` ON `note` (`title` DESC) WHERE id > 0;
--   Index("note", "ix_note_title_only")
-- RenameTable
ALTER TABLE `item` RENAME TO `thing`;
--   Table("thing")
-- AddColumn
ALTER TABLE `item` ADD COLUMN `sku` varchar(9) CONSTRAINT `ty_item_sku` CHECK (`sku` IS NULL OR typeof(`sku`) = 'text' AND length(`sku`) <= 9);
--   Column("item", "sku")
-- AddColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  `m` smallint NOT NULL CONSTRAINT `ty_item_m` CHECK (typeof(`m`) = 'integer' AND `m` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`, `m`) SELECT `id`, `name`, `state`, `n`, `maker_id`, 7 FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AddColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  `m` smallint NOT NULL CONSTRAINT `ty_item_m` CHECK (typeof(`m`) = 'integer' AND `m` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AddColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  `sku` varchar(9) NOT NULL CONSTRAINT `ty_item_sku` CHECK (typeof(`sku`) = 'text' AND length(`sku`) <= 9),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`, `sku`) SELECT `id`, `name`, `state`, `n`, `maker_id`, ('S') FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- DropColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `maker_id` bigint,
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `maker_id`) SELECT `id`, `name`, `state`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- RenameColumn
ALTER TABLE `item` RENAME COLUMN `n` TO `count`;
--   Column("item", "count")
-- AlterColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(80) NOT NULL ,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 80),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AlterColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` integer NOT NULL,
  `maker_id` bigint,
  CONSTRAINT `ty_item_n` CHECK (typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 65535),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, coalesce(`n`, (0)), `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AlterColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(5) NOT NULL ,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old', 'older')),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AlterColumn
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` integer NOT NULL ,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'integer' AND `name` BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, (length(name)), `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AddIndex
CREATE UNIQUE INDEX `ux_item_n_name` ON `item` (`n`, `name` DESC);
--   Index("item", "ux_item_n_name")
-- DropIndex
DROP INDEX `ix_item_name`;
--   NoIndex("item", "ix_item_name")
-- RenameIndex
DROP INDEX `ix_item_name`;
--   NoIndex("item", "ix_item_name")
CREATE INDEX `mine` ON `item` (`name`);
--   Index("item", "mine")
-- AddForeignKey
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `fk_item_n` FOREIGN KEY (`n`) REFERENCES `maker` (`id`) ON DELETE SET NULL,
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- DropForeignKey
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'));
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- AddCheck
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `ck_item_n` CHECK (n > 5),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DELETE FROM sqlite_sequence WHERE name = 'item_seabed_rebuilt';
--   Unknown
INSERT INTO sqlite_sequence (name, seq) SELECT 'item_seabed_rebuilt', seq FROM sqlite_sequence WHERE name = 'item';
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- SetKey
CREATE TABLE `item_seabed_rebuilt` (
  `id` integer NOT NULL ,
  `name` varchar(40) NOT NULL,
  `state` varchar(3) NOT NULL,
  `n` smallint,
  `maker_id` bigint,
  CONSTRAINT `pk_item` PRIMARY KEY (`id`, `name`),
  CONSTRAINT `ty_item_id` CHECK (typeof(`id`) = 'integer'),
  CONSTRAINT `ty_item_name` CHECK (typeof(`name`) = 'text' AND length(`name`) <= 40),
  CONSTRAINT `ty_item_state` CHECK (typeof(`state`) = 'text'),
  CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old')),
  CONSTRAINT `ty_item_n` CHECK (`n` IS NULL OR typeof(`n`) = 'integer' AND `n` BETWEEN 0 AND 255),
  CONSTRAINT `ty_item_maker_id` CHECK (`maker_id` IS NULL OR typeof(`maker_id`) = 'integer'),
  CONSTRAINT `fk_item_maker_id` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
);
--   Unknown
INSERT INTO `item_seabed_rebuilt` (`id`, `name`, `state`, `n`, `maker_id`) SELECT `id`, `name`, `state`, `n`, `maker_id` FROM `item`;
--   Unknown
DROP TABLE `item`;
--   Unknown
PRAGMA legacy_alter_table = ON;
--   Unknown
ALTER TABLE `item_seabed_rebuilt` RENAME TO `item`;
--   Unknown
PRAGMA legacy_alter_table = OFF;
--   Unknown
CREATE INDEX `ix_item_name` ON `item` (`name`);
--   Unknown
-- SetComment
-- SetComment
-- Sql
-- Backfill
