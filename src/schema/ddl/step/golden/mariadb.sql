-- CreateTable
CREATE TABLE `note` (
  `id` bigint NOT NULL,
  `title` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL COMMENT 'it''s',
  `more` json NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `ck_note_id` CHECK (id > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='notes';
--   Table("note")
-- RenameTable
ALTER TABLE `item` RENAME TO `thing`;
--   Table("thing")
-- AddColumn
ALTER TABLE `item` ADD COLUMN `sku` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
--   Column("item", "sku")
-- AddColumn
ALTER TABLE `item` ADD COLUMN `m` smallint NOT NULL DEFAULT (7), ADD CONSTRAINT `ty_item_m` CHECK (`m` BETWEEN 0 AND 255);
--   Column("item", "m")
ALTER TABLE `item` ALTER COLUMN `m` DROP DEFAULT;
--   Again
-- AddColumn
ALTER TABLE `item` ADD COLUMN `m` smallint, ADD CONSTRAINT `ty_item_m` CHECK (`m` BETWEEN 0 AND 255), ADD CONSTRAINT `nn_item_m` CHECK (`m` IS NOT NULL);
--   Column("item", "m")
ALTER TABLE `item` MODIFY COLUMN `m` smallint NOT NULL, DROP CONSTRAINT IF EXISTS `nn_item_m`;
--   NoConstraint("item", "nn_item_m")
-- AddColumn
ALTER TABLE `item` ADD COLUMN `sku` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
--   Column("item", "sku")
UPDATE `item` SET `sku` = ('S') WHERE `sku` IS NULL;
--   Again
ALTER TABLE `item` MODIFY COLUMN `sku` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL;
--   Again
-- DropColumn
ALTER TABLE `item` DROP CONSTRAINT IF EXISTS `ty_item_n`, DROP COLUMN `n`;
--   NoColumn("item", "n")
-- RenameColumn
ALTER TABLE `item` DROP CONSTRAINT IF EXISTS `ty_item_n`, RENAME COLUMN `n` TO `count`, ADD CONSTRAINT `ty_item_n` CHECK (`count` between 0 and 255);
--   Column("item", "count")
-- AlterColumn
ALTER TABLE `item` MODIFY COLUMN `name` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL;
--   Again
-- AlterColumn
ALTER TABLE `item` DROP CONSTRAINT IF EXISTS `ty_item_n`, MODIFY COLUMN `n` int, ADD CONSTRAINT `ty_item_n` CHECK (`n` BETWEEN 0 AND 65535);
--   Again
UPDATE `item` SET `n` = (0) WHERE `n` IS NULL;
--   Again
ALTER TABLE `item` MODIFY COLUMN `n` int NOT NULL;
--   Again
-- AlterColumn
ALTER TABLE `item` DROP CONSTRAINT IF EXISTS `ck_item_state`, MODIFY COLUMN `state` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, ADD CONSTRAINT `ck_item_state` CHECK (`state` IN ('new', 'old', 'older'));
--   Again
-- AlterColumn
ALTER TABLE `item` ADD COLUMN `new_item_name` int AFTER `name`;
--   Column("item", "new_item_name")
UPDATE `item` SET `new_item_name` = (length(name));
--   Again
ALTER TABLE `item` DROP INDEX `ix_item_name`, DROP COLUMN `name`, CHANGE COLUMN `new_item_name` `name` int NOT NULL, ADD INDEX `ix_item_name` (`name`);
--   NoColumn("item", "new_item_name")
-- AddIndex
CREATE UNIQUE INDEX `ux_item_n_name` ON `item` (`n`, `name` DESC);
--   Index("item", "ux_item_n_name")
-- DropIndex
ALTER TABLE `item` DROP INDEX `ix_item_name`;
--   NoIndex("item", "ix_item_name")
-- RenameIndex
ALTER TABLE `item` RENAME INDEX `ix_item_name` TO `mine`;
--   Index("item", "mine")
-- AddForeignKey
ALTER TABLE `item` ADD CONSTRAINT `fk_item_n` FOREIGN KEY (`n`) REFERENCES `maker` (`id`) ON DELETE SET NULL;
--   Constraint("item", "fk_item_n")
-- DropForeignKey
ALTER TABLE `item` DROP FOREIGN KEY `fk_item_maker_id`, DROP INDEX `fk_item_maker_id`;
--   NoConstraint("item", "fk_item_maker_id")
-- AddCheck
ALTER TABLE `item` ADD CONSTRAINT `ck_item_n` CHECK (n > 5);
--   Constraint("item", "ck_item_n")
-- SetKey
ALTER TABLE `item` DROP PRIMARY KEY, ADD PRIMARY KEY (`id`, `name`);
--   Asked("SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) = 'id,name' FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'item' AND index_name = 'PRIMARY'")
-- SetComment
ALTER TABLE `item` COMMENT='it''s';
--   Again
-- SetComment
ALTER TABLE `item` MODIFY COLUMN `name` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL COMMENT 'it''s';
--   Again
-- Sql
-- Backfill
