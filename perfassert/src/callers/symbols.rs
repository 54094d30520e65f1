//! The symbols of this program: which function an address lies in.
//!
//! Only the symbol table is read, and never the debug information: that takes a second and tens of megabytes in a large program.
//! It is read once, because each test may be a process: functions are strung together by the page that they begin in, and within a page looked
//! at one by one.
#![allow(unsafe_code)] // Maps the program's own file.

use std::cmp::Reverse;
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
    /// For each page, the highest number of a symbol whose function begins in it; [`NONE`] where no function does.
    last: Vec<u32>,
    /// For each symbol that is a function, the number of the one before it in the same page.
    before: Vec<u32>,
}

/// Number 0 stands for no symbol: the format reserves it.
const NONE: u32 = 0;

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
            Symbols { endian, table, base: base()?, range, last: Vec::new(), before: Vec::new() };
        symbols.string_together();
        Some(symbols)
    }

    fn string_together(&mut self) {
        let mut last = vec![NONE; self.page(self.range.end) + 1];
        let mut before = vec![NONE; self.all().len()];
        for (number, address) in self.functions() {
            let last = &mut last[self.page(address)];
            before[number as usize] = std::mem::replace(last, number);
        }
        (self.last, self.before) = (last, before);
    }

    fn all(&self) -> &'static [Sym64<Endianness>] {
        self.table.symbols()
    }

    /// The number and the address of each function.
    fn functions(&self) -> impl Iterator<Item = (u32, usize)> {
        let addresses = (0..).zip(self.all()).filter(|(_, symbol)| symbol.st_type() == STT_FUNC);
        let addresses = addresses.map(|(number, symbol)| (number, symbol.st_value.get(self.endian) as usize));
        addresses.filter(|(_, address)| self.range.contains(address))
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
            let last = Some(self.last[page]).filter(|number| *number != NONE);
            let numbers = std::iter::successors(last, |number| {
                Some(self.before[*number as usize]).filter(|number| *number != NONE)
            });
            let before = numbers.map(|number| &all[number as usize]);
            let before = before.filter(|symbol| symbol.st_value.get(self.endian) as usize <= address);
            // Of several at one address the last in the table.
            if let Some(symbol) = before.min_by_key(|symbol| Reverse(symbol.st_value.get(self.endian))) {
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
        let functions = self.functions().map(|(number, _)| &self.all()[number as usize]);
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
        let name = |number: u32| self.all()[number as usize].name(self.endian, self.table.strings());
        let named = self.functions().filter(|(number, _)| name(*number).is_ok_and(&is_wanted));
        named.map(|(_, address)| address + self.base).collect()
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
