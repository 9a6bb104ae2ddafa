//! The commands, and nothing else.

use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cpom::config::{self, Settings};
use cpom::{commands, routes};

/// Gives back what a large page took, which the system's allocator keeps for ever (its settings: `.cargo/config.toml`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const HELP: &str = "\
CPOM : les contrats d’objectifs et de moyens d’une université.

Usage : cpom COMMANDE

Commandes
  serve                        sert l’application
  migrate                      met à jour le schéma de la base
  demo                         crée la base de démonstration et ses comptes
  import FICHIER|- [--replace] lit un contrat ; --replace écrit les différences d’un contrat connu
  export CODE                  écrit le document d’un contrat sur la sortie standard
  user add EMAIL [FONCTION]    crée un compte, sans mot de passe
  user password EMAIL          pose le mot de passe lu sur l’entrée standard
  user grant EMAIL ROLE [PORTÉE]
                               donne un rôle : director, contributor, directoire, finance, rh, pilotage, reader, admin
                               portée : code de la structure (director), CONTRAT:13,J16.a (contributor)
  remind [--dry-run]           envoie maintenant les rappels du jour ; --dry-run les montre sans rien envoyer
  backup FICHIER               sauvegarde la base, même pendant que l’on saisit
  restore FICHIER              restaure une sauvegarde dans une base vide
  routes                       liste les adresses de l’application
  help                         affiche cette aide

Codes de sortie : 0 fait, 1 refusé, 2 usage.

Réglages, par variables d’environnement
";

/// Why a command stops.
enum Stop {
    /// Misused: exit 2.
    Usage(String),
    /// Refused: exit 1.
    Refused(anyhow::Error),
}

impl From<lexopt::Error> for Stop {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(match error {
            lexopt::Error::UnexpectedOption(option) => format!("l’option « {option} » n’existe pas ici"),
            lexopt::Error::UnexpectedArgument(argument) => {
                format!("« {} » est de trop", argument.to_string_lossy())
            }
            lexopt::Error::MissingValue { .. } => "il manque une valeur".into(),
            _ => "les arguments ne se lisent pas".into(),
        })
    }
}

impl<E: Into<anyhow::Error>> From<Refusal<E>> for Stop {
    fn from(Refusal(error): Refusal<E>) -> Self {
        Self::Refused(error.into())
    }
}

/// Marks an error as a refusal of the command rather than a misuse.
struct Refusal<E>(E);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage(sentence)) => {
            eprintln!("cpom : {sentence}.\nLancez « cpom help » pour la liste des commandes.");
            ExitCode::from(2)
        }
        Err(Stop::Refused(error)) => {
            eprintln!("cpom : {error:#}");
            ExitCode::from(1)
        }
    }
}

fn run() -> Result<(), Stop> {
    let mut arguments = Arguments::read()?;
    let name = arguments.next("une commande est attendue")?;
    match name.as_str() {
        "help" | "aide" => {
            print!("{HELP}{}", config::help());
            return Ok(());
        }
        "routes" => {
            arguments.end()?;
            let mut out = std::io::stdout().lock();
            for route in routes::routes().list() {
                // A closed pipe (`cpom routes | head`) is not a failure of ours.
                if writeln!(out, "{:4} {}", route.method, route.path).is_err() {
                    break;
                }
            }
            return Ok(());
        }
        _ => {}
    }
    let command = parse(&name, arguments)?;
    let settings = Settings::from_env().map_err(Refusal)?;
    commands::start_log(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Refusal)?;
    let result = runtime.block_on(command.run(settings)).map_err(Refusal);
    // A blocked read of standard input must not hold the exit back.
    runtime.shutdown_background();
    Ok(result?)
}

/// A command with its arguments, checked.
enum Command {
    Serve,
    Migrate,
    Demo,
    Import { bytes: Vec<u8>, replace: bool },
    Export { code: String },
    UserAdd { email: String, function: String },
    UserPassword { email: String, password: String },
    UserGrant { email: String, role: String, scope: Option<String> },
    Remind { dry: bool },
    Backup { file: PathBuf },
    Restore { file: PathBuf },
    BenchData { structures: u32 },
}

impl Command {
    async fn run(self, settings: Settings) -> anyhow::Result<()> {
        match self {
            Self::Serve => commands::serve(settings).await,
            Self::Migrate => commands::migrate(settings).await,
            // Every room writes there: too large for the stack.
            Self::Demo => Box::pin(commands::demo(settings)).await,
            Self::Import { bytes, replace } => commands::import(settings, bytes, replace).await,
            Self::Export { code } => commands::export(settings, &code).await,
            Self::UserAdd { email, function } => commands::user_add(settings, &email, &function).await,
            Self::UserPassword { email, password } => commands::user_password(settings, &email, password).await,
            Self::UserGrant { email, role, scope } => {
                commands::user_grant(settings, &email, &role, scope.as_deref()).await
            }
            Self::Remind { dry } => commands::remind(settings, dry).await,
            Self::Backup { file } => commands::backup(settings, &file).await,
            Self::Restore { file } => commands::restore(settings, &file).await,
            Self::BenchData { structures } => commands::bench_data(settings, structures).await,
        }
    }
}

fn parse(name: &str, mut arguments: Arguments) -> Result<Command, Stop> {
    let command = match name {
        "serve" => Command::Serve,
        "migrate" => Command::Migrate,
        "demo" => Command::Demo,
        "import" => {
            let replace = arguments.flag("--replace");
            let file = arguments.next("import attend un fichier, ou - pour l’entrée standard")?;
            arguments.end()?;
            return Ok(Command::Import { bytes: read_file(&file)?, replace });
        }
        "export" => Command::Export { code: arguments.next("export attend le code d’un contrat")? },
        "user" => user(&mut arguments)?,
        "remind" => Command::Remind { dry: arguments.flag("--dry-run") },
        "backup" => Command::Backup { file: arguments.next("backup attend un fichier")?.into() },
        "restore" => Command::Restore { file: arguments.next("restore attend un fichier")?.into() },
        // Not in the help: it is `make bench`'s.
        "bench-data" => {
            let structures = arguments.next("bench-data attend un nombre de structures")?;
            let read = structures.parse().map_err(|_| Stop::Usage(format!("« {structures} » n’est pas un nombre")));
            Command::BenchData { structures: read? }
        }
        unknown => return Err(Stop::Usage(format!("la commande « {unknown} » n’existe pas"))),
    };
    arguments.end()?;
    Ok(command)
}

fn user(arguments: &mut Arguments) -> Result<Command, Stop> {
    let act = arguments.next("user attend add, password ou grant")?;
    let email = arguments.next("user attend une adresse électronique")?;
    match act.as_str() {
        "add" => {
            // The function is what the journal shows; the address stands for it until someone says better.
            let function = arguments.optional().unwrap_or_else(|| email.clone());
            Ok(Command::UserAdd { email, function })
        }
        "password" => {
            arguments.end()?;
            Ok(Command::UserPassword { email, password: read_password()? })
        }
        "grant" => {
            let role = arguments.next("user grant attend un rôle")?;
            Ok(Command::UserGrant { email, role, scope: arguments.optional() })
        }
        unknown => Err(Stop::Usage(format!("« user {unknown} » n’existe pas"))),
    }
}

fn read_file(file: &str) -> Result<Vec<u8>, Stop> {
    let limit = cpom::document::model::FILE_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| Refusal(anyhow::anyhow!("le fichier « {file} » ne se lit pas : {error}")))?;
    Ok(bytes)
}

fn read_password() -> Result<String, Stop> {
    if std::io::stdin().is_terminal() {
        eprintln!("Mot de passe (il s’affiche ; préférez « cpom user password EMAIL < fichier ») :");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Refusal)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Words and flags of the command line.
struct Arguments {
    words: std::collections::VecDeque<String>,
    flags: Vec<String>,
}

impl Arguments {
    fn read() -> Result<Self, Stop> {
        let mut parser = lexopt::Parser::from_env();
        let mut arguments = Self { words: std::collections::VecDeque::new(), flags: Vec::new() };
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    arguments.words.push_front("help".into());
                }
                lexopt::Arg::Long(flag) => arguments.flags.push(format!("--{flag}")),
                lexopt::Arg::Short(flag) => arguments.flags.push(format!("-{flag}")),
                lexopt::Arg::Value(word) => arguments.words.push_back(
                    word.into_string().map_err(|_| Stop::Usage("un argument n’est pas un texte UTF-8".into()))?,
                ),
            }
        }
        Ok(arguments)
    }

    fn next(&mut self, missing: &str) -> Result<String, Stop> {
        self.words.pop_front().ok_or_else(|| Stop::Usage(missing.into()))
    }

    fn optional(&mut self) -> Option<String> {
        self.words.pop_front()
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.flags.len();
        self.flags.retain(|flag| flag != name);
        self.flags.len() != before
    }

    fn end(&self) -> Result<(), Stop> {
        match (self.words.front(), self.flags.first()) {
            (Some(word), _) => Err(Stop::Usage(format!("« {word} » est de trop"))),
            (None, Some(flag)) => Err(Stop::Usage(format!("l’option « {flag} » n’existe pas ici"))),
            (None, None) => Ok(()),
        }
    }
}
