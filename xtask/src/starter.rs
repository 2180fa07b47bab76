//! The workspace to copy, built and used as its reader would: a copy of it, one more column, the whole flow.

use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// When a migration was made, in the guide.
const MADE: &str = "20260401_120000_";
/// Where the guide shows what the commands say.
const GUIDE: &str = "docs/migrations.md";

/// Builds the starter, runs it, and holds what each command says against the guide. With `bless` the guide gets what they say.
///
/// # Errors
/// Where a command ends otherwise than the guide says, or says something else.
pub fn run(bless: bool) -> Result<()> {
    let starter = Starter::copy()?;
    let outcome = starter.tested().and_then(|()| starter.guide(bless));
    fs::remove_dir_all(&starter.folder).with_context(|| starter.folder.display().to_string())?;
    outcome
}

/// A copy, so that what `generate` writes is no change of the project.
struct Starter {
    folder: PathBuf,
}

impl Starter {
    fn copy() -> Result<Self> {
        let folder = shell::target().join(format!("starter-copy-{}", std::process::id()));
        copied(&shell::root().join("examples/starter"), &folder)?;
        let manifest = folder.join("Cargo.toml");
        let root = shell::root().display().to_string();
        let text = fs::read_to_string(&manifest)?.replace("\"../../migration\"", &format!("\"{root}/migration\""));
        fs::write(&manifest, text.replace("\"../..\"", &format!("\"{root}\"")))?;
        // The versions that the project is tested with: nothing is asked of a registry.
        fs::copy(shell::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder })
    }

    /// The program's own tests, as a reader runs them before all else.
    fn tested(&self) -> Result<()> {
        shell::run(cargo(&self.folder).args(["test", "--quiet", "--package", "shop"])).map(drop)
    }

    /// Each block of the guide that begins with `$ ` is a command; what follows is what it says, and its exit code where that is not 0.
    /// A block that begins with a line `// path` is a file of the workspace, which is written.
    fn guide(&self, bless: bool) -> Result<()> {
        let path = shell::root().join(GUIDE);
        let guide = fs::read_to_string(&path).with_context(|| GUIDE.to_owned())?;
        let mut written = String::new();
        let mut rest = guide.as_str();
        while let Some((before, block)) = rest.split_once("```") {
            let (body, after) = block.split_once("\n```").with_context(|| format!("{GUIDE}: a block has no end"))?;
            written += before;
            written += &format!("```{}\n```", self.block(body)?);
            rest = after;
        }
        written += rest;
        if bless {
            return Ok(fs::write(&path, written)?);
        }
        let differs = guide.lines().zip(written.lines()).position(|(is, says)| is != says);
        if let Some(line) = differs {
            let (is, says) = (guide.lines().nth(line), written.lines().nth(line));
            bail!(
                "{GUIDE}:{}: it says\n  {}\nand the command says\n  {}\n`cargo xtask starter --bless` writes what it says",
                line + 1,
                is.unwrap_or_default(),
                says.unwrap_or_default()
            );
        }
        ensure!(guide == written, "{GUIDE} differs from what the commands say: `cargo xtask starter --bless`");
        Ok(())
    }

    /// A block as it should be: of a command with what it says, any other as it is.
    fn block(&self, body: &str) -> Result<String> {
        let (language, lines) = body.split_once('\n').unwrap_or((body, ""));
        if let Some(file) = lines.strip_prefix("// ").and_then(|it| it.lines().next()).filter(|it| it.ends_with(".rs"))
        {
            let text = lines.split_once('\n').map_or("", |(_, text)| text);
            let path = self.folder.join(newest(&self.folder, file)?);
            // A migration's name begins with the time that it was made at, here as everywhere in the guide.
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let title = file.rsplit_once('*').map_or("", |(_, title)| title.trim_end_matches(".rs"));
            let text = if title.is_empty() {
                text.to_owned()
            } else {
                text.replace(&format!("m{MADE}{}", &title[1..]), &name)
            };
            fs::write(&path, format!("{text}\n")).with_context(|| path.display().to_string())?;
        }
        let Some(command) = lines.strip_prefix("$ ").and_then(|it| it.lines().next()) else {
            return Ok(body.to_owned());
        };
        let output = self.say(command)?;
        let mut said = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
        if let Some(code) = output.status.code().filter(|code| *code != 0) {
            said += &format!("(exit code {code})\n");
        }
        let said = steady(&said, &self.folder);
        Ok(format!("{language}\n$ {command}\n{}", said.trim_end()))
    }

    fn say(&self, command: &str) -> Result<Output> {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = match words.as_slice() {
            ["cargo", rest @ ..] => cargo(&self.folder).args(rest).env("DATABASE_URL", "sqlite:shop.db").output()?,
            ["cat", file] => Command::new("cat").arg(self.folder.join(newest(&self.folder, file)?)).output()?,
            _ => bail!("{GUIDE}: `{command}` is neither cargo nor cat"),
        };
        Ok(output)
    }
}

/// Cargo for a workspace of its own. It shares what the project's own builds have built of crates that are not ours.
pub fn cargo(folder: &Path) -> Command {
    let mut command = shell::cargo();
    command.current_dir(folder).env("CARGO_TARGET_DIR", shell::target());
    command.env("CARGO_TERM_QUIET", "true").env("CARGO_NET_OFFLINE", "true").env_remove("SEABED_CONFIG");
    command
}

/// `migration/src/m*_add_sku.rs`: the one file that fits.
fn newest(folder: &Path, pattern: &str) -> Result<PathBuf> {
    let Some((begin, end)) = pattern.split_once('*') else { return Ok(pattern.into()) };
    let (parent, begin) = begin.rsplit_once('/').unwrap_or((".", begin));
    let names = fs::read_dir(folder.join(parent))?.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let found = names.filter(|name| name.starts_with(begin) && name.ends_with(end)).max();
    Ok(Path::new(parent).join(found.with_context(|| format!("no file is like {pattern}"))?))
}

/// What differs from run to run: when it was, and where.
fn steady(text: &str, folder: &Path) -> String {
    let text = text.replace(&format!("{}/", folder.display()), "");
    let mut steady = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        steady += &rest[..at];
        rest = &rest[at..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "-_:.TZ".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let year =
            word.starts_with("202") && digits >= 14 && !word.starts_with("20260101") && !word.starts_with("20260301");
        if year && word.contains('_') {
            steady += MADE;
        } else if year {
            steady += "2026-04-01T12:00:00.000000Z";
        } else {
            steady += word;
        }
        rest = &rest[end..];
    }
    steady + rest
}

fn copied(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if path.is_dir() {
            if name != "target" {
                copied(&path, &to.join(name))?;
            }
        } else if name != "Cargo.lock" {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_steady() {
        let folder = Path::new("/x/y");
        assert_eq!(steady("wrote /x/y/a/m20261123_021500_add.rs", folder), "wrote a/m20260401_120000_add.rs");
        assert_eq!(
            steady("m20260101_000001_dataset 2026-11-23T02:15:00.123456Z 12", folder),
            "m20260101_000001_dataset 2026-04-01T12:00:00.000000Z 12"
        );
    }
}
