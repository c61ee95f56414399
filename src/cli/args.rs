//! The command line's types and nothing else. Its words are in the catalogue, see `words`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jianbao::fonts::FontPaths;

/// Sets official Chinese bulletins (简报): issues in TOML become PDFs for print and archive
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Language of messages [default: that of the locale, else zh]
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the PDFs of issues (生成 PDF)
    Build(Build),
    /// Build issues in memory and tell which would differ from jianbao.lock, and why (核对)
    Verify(Verify),
    /// Keep the version of a layout for the issues that pin it (版式)
    Layout {
        #[command(subcommand)]
        what: LayoutCommand,
    },
    /// Check issues by all rules without writing PDFs (检查)
    Check(Check),
    /// List the rules (规则)
    Rules {
        /// How the list is printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Measure the laid-out pages of issues against GB/T 9704-2012 and practice (量版)
    Measure(Measure),
    /// Turn back issues in text or Word into issues, and say what to look at (导入)
    Import(Import),
    /// Start a project, a publication or an issue that builds at once (新建)
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Set an issue anew at each save and show its pages in the browser (预览)
    Watch(Watch),
    /// Write, check and hand in issues in the browser (编辑)
    Studio(Studio),
    /// List the roles of type, the faces that play them, and what they cover (字体)
    Fonts(Common),
    /// Print the JSON Schema of the data (数据格式)
    Schema {
        #[arg(value_enum)]
        of: SchemaOf,
    },
}

#[derive(Debug, ClapArgs)]
pub struct Build {
    /// Issues (issues/PUBLICATION/YEAR-NUMBER.toml) or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// Folder for the PDFs, each in a folder named after its publication [default: out in the project]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How many issues are set at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Build every issue, changed or not
    #[arg(short, long)]
    pub force: bool,
    /// Build nothing: only say what would be built
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Say why each issue is built
    #[arg(long)]
    pub explain: bool,
    /// Write jianbao.lock, if the project has none yet; where it is, every build keeps it current
    #[arg(long, conflicts_with_all = ["locked", "dry_run"])]
    pub lock: bool,
    /// Refuse every PDF that is not the one of jianbao.lock
    #[arg(long)]
    pub locked: bool,
    /// Say nothing but errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Write what became of each issue to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// Issues or folders of issues [default: all that the lock holds, and all of the project]
    pub paths: Vec<PathBuf>,
    /// How many issues are set at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say nothing of issues that are the same
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// Put right what is sure
    #[arg(long)]
    pub fix: bool,
    /// Lay the issues out too, and put a ruler on their pages
    #[arg(long)]
    pub pages: bool,
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Findings::Human)]
    pub format: Findings,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
pub enum LayoutCommand {
    /// Copy a layout as it is now to layouts/NAME@VERSION
    Freeze {
        /// The layout
        name: String,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Findings {
    /// With source lines
    Human,
    /// One line each
    Short,
    /// JSON
    Json,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Debug, ClapArgs)]
pub struct Measure {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Import {
    /// Back issues, or folders of them: txt, docx, html, md, pdf; doc, wps, rtf, odt through LibreOffice
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The publication [default: the one that the masthead names, else the only one]
    #[arg(long, value_name = "NAME")]
    pub publication: Option<String>,
    /// Folder for the issues [default: issues/PUBLICATION]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The number, where the one FILE does not say it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99_999))]
    pub number: Option<u32>,
    /// The cumulative number, where the one FILE does not say it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=999_999))]
    pub serial_number: Option<u32>,
    /// The date, as 2026-01-31, where the one FILE does not say it
    #[arg(long)]
    pub date: Option<String>,
    /// Say what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// The project, or any folder in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub struct Watch {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub browser: Browser,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Studio {
    /// An address of this machine for an office network; asks for a password
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    #[command(flatten)]
    pub browser: Browser,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Browser {
    /// The port [default: any that is free]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Do not open the browser
    #[arg(long)]
    pub no_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Words for people
    Human,
    /// JSON for programs; lengths in mm
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Common {
    /// The project, or any folder in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
    /// A font file, or a folder of fonts, of the office's own; may be given several times
    #[arg(long, value_name = "PATH")]
    pub font_path: Vec<PathBuf>,
    /// Let publication.toml name the system's fonts too; other machines may not have them
    #[arg(long)]
    pub system_fonts: bool,
}

impl Common {
    /// Where fonts are looked for besides the program itself.
    pub fn font_paths(&self) -> FontPaths {
        FontPaths { paths: self.font_path.clone(), system: self.system_fonts }
    }
}

#[derive(Debug, Subcommand)]
pub enum New {
    /// A project with a publication and a first issue, in a new folder
    Project {
        /// The folder to make
        folder: PathBuf,
    },
    /// A publication with a first issue
    Publication {
        /// The name of its folder in issues/
        name: String,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
    /// The next issue of a publication, its number and date carried on from the last
    Issue {
        /// The publication [default: the only one]
        publication: Option<String>,
        /// Its date, as 2026-01-31 [default: a week after the last issue's]
        #[arg(long)]
        date: Option<String>,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SchemaOf {
    /// One issue, YEAR-NUMBER.toml
    Issue,
    /// publication.toml
    Publication,
}
