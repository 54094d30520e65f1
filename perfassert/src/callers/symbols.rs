//! The symbols of this program: which function an address lies in.
//!
//! Only the symbol table is read, and never the debug information: that takes a second and tens of megabytes in a large program.
//! Addresses are sorted into pages, and within a page looked at one by one.
#![allow(unsafe_code)] // Maps the program's own file.

use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::OnceLock;

use object::Endianness;
use object::elf::{FileHeader64, SHT_SYMTAB, STT_FUNC, STT_OBJECT, Sym64};
use object::read::elf::{FileHeader, SectionHeader, Sym, SymbolTable};

/// A page is `1 << PAGE` bytes of the program.
const PAGE: u32 = 10;

/// What was read of the program's file.
pub(super) struct Symbols {
    endian: Endianness,
    table: SymbolTable<'static, FileHeader64<Endianness>>,
    /// Where the program lies in memory, from its own addresses on.
    base: usize,
    /// The addresses of the program's code.
    range: Range<usize>,
    /// For each page, where its functions begin in `sorted`.
    pages: Vec<u32>,
    /// Functions as numbers of their symbols, by page.
    sorted: Vec<u32>,
}

/// The name of the function that makes the call which returns to `address`, where this program has symbols.
pub(super) fn function_of_call(address: usize) -> Option<String> {
    Symbols::get()?.function_of_call(address)
}

impl Symbols {
    /// Those of this program, read once; none where it has none.
    pub(super) fn get() -> Option<&'static Symbols> {
        static SYMBOLS: OnceLock<Option<Symbols>> = OnceLock::new();
        SYMBOLS.get_or_init(Symbols::read).as_ref()
    }

    fn read() -> Option<Symbols> {
        let data = program()?;
        let header = FileHeader64::<Endianness>::parse(data).ok()?;
        let endian = header.endian().ok()?;
        let sections = header.sections(endian, data).ok()?;
        let table = sections.symbols(endian, data, SHT_SYMTAB).ok()?;
        let (_, code) = sections.section_by_name(endian, b".text")?;
        let start = code.sh_addr(endian) as usize;
        let range = start..start + code.sh_size(endian) as usize;
        let mut symbols =
            Symbols { endian, table, base: base()?, range, pages: Vec::new(), sorted: Vec::new() };
        symbols.sort()?;
        Some(symbols)
    }

    /// Sorts the functions by page, by counting. This may be compiled without optimisation.
    fn sort(&mut self) -> Option<()> {
        let all: &[Sym64<Endianness>] = self.all();
        let mut pages = vec![0_u32; self.page(self.range.end) + 2];
        self.each(all, |_, address| pages[self.page(address) + 1] += 1);
        for page in 1..pages.len() {
            pages[page] += pages[page - 1];
        }
        let mut sorted = vec![0_u32; pages[pages.len() - 1] as usize];
        let mut next = pages.clone();
        self.each(all, |number, address| {
            let next = &mut next[self.page(address)];
            sorted[*next as usize] = number;
            *next += 1;
        });
        (self.pages, self.sorted) = (pages, sorted);
        Some(())
    }

    fn all(&self) -> &'static [Sym64<Endianness>] {
        self.table.symbols()
    }

    /// Calls with the number and the address of each function.
    fn each(&self, all: &[Sym64<Endianness>], mut found: impl FnMut(u32, usize)) {
        for (number, symbol) in (0..).zip(all) {
            let address = symbol.st_value.get(self.endian) as usize;
            if symbol.st_type() == STT_FUNC && self.range.contains(&address) {
                found(number, address);
            }
        }
    }

    fn page(&self, address: usize) -> usize {
        (address - self.range.start) >> PAGE
    }

    /// The name of the function that `address` lies in, mangled; `None` outside of the program.
    fn name_at(&self, address: usize) -> Option<&'static [u8]> {
        let address = address.checked_sub(self.base).filter(|address| self.range.contains(address))?;
        let all = self.all();
        let mut page = self.page(address);
        loop {
            let numbers = &self.sorted[self.pages[page] as usize..self.pages[page + 1] as usize];
            let before = numbers.iter().map(|number| &all[*number as usize]);
            let before = before.filter(|symbol| symbol.st_value.get(self.endian) as usize <= address);
            if let Some(symbol) = before.max_by_key(|symbol| symbol.st_value.get(self.endian)) {
                return symbol.name(self.endian, self.table.strings()).ok();
            }
            page = page.checked_sub(1)?;
        }
    }

    /// The name of the function of Rust that a call stands in which returns to `address`; those of C have nothing to say.
    pub(super) fn function_of_call(&self, address: usize) -> Option<String> {
        // One back lies inside the call.
        let symbol = std::str::from_utf8(self.name_at(address.checked_sub(1)?)?).ok()?;
        Some(format!("{:#}", rustc_demangle::try_demangle(symbol).ok()?))
    }

    /// The names of all functions.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static [u8]> {
        let functions = self.sorted.iter().map(|number| &self.all()[*number as usize]);
        functions.filter_map(|symbol| symbol.name(self.endian, self.table.strings()).ok())
    }

    /// The names of all statics.
    pub(super) fn statics(&self) -> impl Iterator<Item = &'static [u8]> {
        let is_here = |symbol: &&Sym64<Endianness>| symbol.st_value.get(self.endian) != 0;
        let statics = self.all().iter().filter(|symbol| symbol.st_type() == STT_OBJECT).filter(is_here);
        statics.filter_map(|symbol| symbol.name(self.endian, self.table.strings()).ok())
    }

    /// Where the functions lie in memory whose names are so.
    pub(super) fn addresses(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Vec<usize> {
        let functions = self.sorted.iter().map(|number| &self.all()[*number as usize]);
        let named =
            functions.filter(|symbol| symbol.name(self.endian, self.table.strings()).is_ok_and(&is_wanted));
        named.map(|symbol| symbol.st_value.get(self.endian) as usize + self.base).collect()
    }
}

/// The program's own file, mapped for as long as the process lives: the pages that are not looked at are never read.
fn program() -> Option<&'static [u8]> {
    let file = File::open("/proc/self/exe").ok()?;
    let length = usize::try_from(file.metadata().ok()?.len()).ok().filter(|length| *length > 0)?;
    // SAFETY: a new, private mapping of a file that is open, at an address that the kernel chooses; nobody unmaps it. The program
    // that is executing cannot be written to (`ETXTBSY`), so the bytes do not change.
    unsafe {
        let address =
            libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0);
        (address != libc::MAP_FAILED).then(|| std::slice::from_raw_parts(address.cast::<u8>(), length))
    }
}

/// How far the program lies in memory from the addresses in its file.
fn base() -> Option<usize> {
    extern "C" fn first(info: *mut libc::dl_phdr_info, _size: usize, base: *mut libc::c_void) -> libc::c_int {
        // SAFETY: the loader passes a valid `info`, and `base` is the variable below.
        unsafe { base.cast::<Option<usize>>().write(Some((*info).dlpi_addr as usize)) };
        1
    }
    let mut base = None::<usize>;
    // SAFETY: `first` has the type of such a callback, is called before this returns, and writes to `base` alone. The first object
    // that it is called with is the program.
    unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut base).cast()) };
    base
}
