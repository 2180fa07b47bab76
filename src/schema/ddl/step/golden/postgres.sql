-- CreateTable
CREATE TABLE "note" (
  "id" bigint NOT NULL,
  "title" varchar(9) COLLATE "C" NOT NULL,
  "more" json NOT NULL,
  CONSTRAINT "pk_note" PRIMARY KEY ("id"),
  CONSTRAINT "ck_note_id" CHECK (id > 0)
);
--   Table("note")
CREATE INDEX "ix_note_title_only" ON "note" ("title" DESC) WHERE id > 0;
--   Index("note", "ix_note_title_only")
COMMENT ON TABLE "note" IS 'notes';
--   Again
COMMENT ON COLUMN "note"."title" IS 'it''s';
--   Again
-- RenameTable
ALTER TABLE "item" RENAME TO "thing";
--   Table("thing")
-- AddColumn
ALTER TABLE "item" ADD COLUMN "sku" varchar(9) COLLATE "C";
--   Column("item", "sku")
-- AddColumn
ALTER TABLE "item" ADD COLUMN "m" smallint NOT NULL DEFAULT 7, ADD CONSTRAINT "ty_item_m" CHECK ("m" BETWEEN 0 AND 255);
--   Column("item", "m")
ALTER TABLE "item" ALTER COLUMN "m" DROP DEFAULT;
--   Again
-- AddColumn
ALTER TABLE "item" ADD COLUMN "m" smallint NOT NULL, ADD CONSTRAINT "ty_item_m" CHECK ("m" BETWEEN 0 AND 255);
--   Column("item", "m")
-- AddColumn
ALTER TABLE "item" ADD COLUMN "sku" varchar(9) COLLATE "C";
--   Column("item", "sku")
UPDATE "item" SET "sku" = ('S') WHERE "sku" IS NULL;
--   Again
ALTER TABLE "item" ALTER COLUMN "sku" SET NOT NULL;
--   Again
-- DropColumn
ALTER TABLE "item" DROP COLUMN "n";
--   NoColumn("item", "n")
-- RenameColumn
ALTER TABLE "item" RENAME COLUMN "n" TO "count";
--   Column("item", "count")
-- AlterColumn
ALTER TABLE "item" ALTER COLUMN "name" TYPE varchar(80) COLLATE "C", ALTER COLUMN "name" SET NOT NULL;
--   Unknown
-- AlterColumn
ALTER TABLE "item" DROP CONSTRAINT "ty_item_n", ALTER COLUMN "n" TYPE integer, ADD CONSTRAINT "ty_item_n" CHECK ("n" BETWEEN 0 AND 65535);
--   Unknown
UPDATE "item" SET "n" = (0) WHERE "n" IS NULL;
--   Again
ALTER TABLE "item" ALTER COLUMN "n" SET NOT NULL;
--   Again
-- AlterColumn
ALTER TABLE "item" DROP CONSTRAINT "ck_item_state", ALTER COLUMN "state" TYPE varchar(5) COLLATE "C", ADD CONSTRAINT "ck_item_state" CHECK ("state" IN ('new', 'old', 'older')), ALTER COLUMN "state" SET NOT NULL;
--   Unknown
-- AlterColumn
ALTER TABLE "item" ALTER COLUMN "name" TYPE integer USING (length(name)), ALTER COLUMN "name" SET NOT NULL;
--   Unknown
-- AddIndex
CREATE UNIQUE INDEX "ux_item_n_name" ON "item" ("n" NULLS FIRST, "name" DESC);
--   Index("item", "ux_item_n_name")
-- DropIndex
DROP INDEX "ix_item_name";
--   NoIndex("item", "ix_item_name")
-- RenameIndex
ALTER INDEX "ix_item_name" RENAME TO "mine";
--   Index("item", "mine")
-- AddForeignKey
ALTER TABLE "item" ADD CONSTRAINT "fk_item_n" FOREIGN KEY ("n") REFERENCES "maker" ("id") ON DELETE SET NULL;
--   Constraint("item", "fk_item_n")
-- DropForeignKey
ALTER TABLE "item" DROP CONSTRAINT "fk_item_maker_id";
--   NoConstraint("item", "fk_item_maker_id")
-- AddCheck
ALTER TABLE "item" ADD CONSTRAINT "ck_item_n" CHECK (n > 5);
--   Constraint("item", "ck_item_n")
-- SetKey
ALTER TABLE "item" DROP CONSTRAINT "pk_item", ADD CONSTRAINT "pk_item" PRIMARY KEY ("id", "name");
--   Unknown
-- SetComment
COMMENT ON TABLE "item" IS 'it''s';
--   Again
-- SetComment
COMMENT ON COLUMN "item"."name" IS 'it''s';
--   Again
-- Sql
NOTIFY x;
--   Asked("SELECT 1"), alone
-- Backfill
