//! A private server: started, found, stopped.

mod mariadb;
mod postgres;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::Engine;
use crate::client::{Address, wait_for};
use crate::keeper::variable;

/// A running server. Stopped, and its data removed, when dropped.
pub(crate) struct Server {
    engine: Engine,
    process: Child,
    address: Address,
    dir: TempDir,
}

impl Server {
    /// Starts a server with no data, and waits until it answers.
    pub(crate) fn start(engine: Engine) -> Result<Self> {
        let home = Home::new(engine)?;
        let port = free_port()?;
        let (command, address) = match engine {
            Engine::Postgres => postgres::prepare(&home, port)?,
            Engine::MySql => mariadb::prepare(&home, port)?,
            Engine::Sqlite => bail!("SQLite has no server"),
        };
        let process = spawn(command, &home)?;
        let mut server = Server { engine, process, address, dir: home.dir };
        let ready = wait_for("the server's first answer", || {
            if server.has_ended()? {
                bail!("the server has ended");
            }
            let asked = match engine {
                Engine::Postgres => crate::client::psql(&server.address, "postgres", &["SELECT 1"]),
                _ => crate::client::mariadb(&server.address, "", "SELECT 1"),
            };
            Ok(asked.ok())
        });
        ready.with_context(|| server.log())?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        self.address.url(self.engine, if self.engine == Engine::Postgres { "postgres" } else { "" })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn data(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    pub(crate) fn stop(&mut self) {
        end_process(self.pid());
        let _ = self.process.wait();
    }

    /// What the server wrote while it started.
    fn log(&self) -> String {
        fs::read_to_string(self.data().join("output")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.process.try_wait(), Ok(Some(_))) {
            self.stop();
        }
    }
}

/// At once: nobody needs the data any more. PostgreSQL takes its children along.
pub(crate) fn end_process(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::QUIT);
        for _ in 0..100 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            // A zombie answers as well: whoever started it waits for it.
            if fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
                .map_or(true, |stat| stat.contains(") Z "))
            {
                return;
            }
        }
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Where a server lives, and as whom.
struct Home {
    dir: TempDir,
    /// User and group, if not our own.
    owner: Option<(u32, u32)>,
}

impl Home {
    fn new(engine: Engine) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix(&format!("perfassert-{engine}-")).tempdir()?;
        let mut owner = None;
        if geteuid().is_root() {
            // The servers refuse to run as root.
            let users = if engine == Engine::Postgres { ["postgres", "nobody"] } else { ["mysql", "nobody"] };
            let (user, group) =
                users.iter().find_map(|user| ids(user)).context("there is no user `nobody`")?;
            chown(dir.path(), Some(user), Some(group))?;
            owner = Some((user, group));
        }
        Ok(Home { dir, owner })
    }

    fn path(&self, what: &str) -> PathBuf {
        self.dir.path().join(what)
    }

    /// A command that runs here, as the owner.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env("HOME", self.dir.path()).stdin(Stdio::null());
        command.env_remove("PGDATA").env_remove("PGPORT").env_remove("PGOPTIONS");
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    /// Runs a command that prepares the data.
    fn run(&self, mut command: Command) -> Result<()> {
        let output =
            command.output().with_context(|| format!("running {}", command.get_program().display()))?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            bail!("{} failed:\n{}", command.get_program().display(), String::from_utf8_lossy(&text));
        }
        Ok(())
    }
}

fn spawn(mut command: Command, home: &Home) -> Result<Child> {
    let output = fs::File::create(home.path("output"))?;
    command.stdout(output.try_clone()?).stderr(output).process_group(0);
    command.spawn().with_context(|| format!("starting {}", command.get_program().display()))
}

/// The numbers of a user and its group.
fn ids(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(user)).then_some(())?;
        Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Where a program of an engine is: in the path, or where packages put servers.
pub(crate) fn program(name: &str, engine: Engine) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    dirs.extend(["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    versions.sort();
    dirs.extend(versions.into_iter().rev());
    let is_program =
        |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.is_file() && file.mode() & 0o111 != 0);
    dirs.iter().map(|dir| dir.join(name)).find(is_program).with_context(|| {
        format!(
            "no program `{name}` is installed: apt-get install postgresql mariadb-server\n\
             or set {} to the URL of a server on which tests may create and drop everything",
            variable(engine)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_an_error_that_says_what_to_do() {
        let error = program("no-such-server", Engine::Postgres).unwrap_err().to_string();
        for text in
            ["`no-such-server`", "apt-get install postgresql mariadb-server", "PERFASSERT_TEST_POSTGRES_URL"]
        {
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_user_has_numbers() {
        assert_eq!(ids("root"), Some((0, 0)));
        assert_eq!(ids("nobody-of-that-name"), None);
    }
}
