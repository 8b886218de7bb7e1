mod campaigns;
mod shop;
use std::io::Write;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if args.first().map(|a| &**a) == Some("campaigns") {
        println!("{}", serde_json::Value::from(campaigns::all()));
        return;
    }
    let n: u64 = args.first().and_then(|a| a.parse().ok()).unwrap_or(10);
    let mut log = shop::Log::new(n);
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut line = String::new();
    while log.line(&mut line) {
        if out.write_all(line.as_bytes()).is_err() {
            return;
        }
        line.clear();
    }
}
