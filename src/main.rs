//! trial
fn main() {
    use cloudtally::*;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let lake = lake::Lake::open(std::path::Path::new(&args[0])).unwrap_or_else(|e| panic!("{e}"));
    let bill = source::Bill { name: String::new(), paths: args[1..].to_vec(), format: None, ad_hoc: true };
    let files = source::find(&bill).unwrap_or_else(|e| panic!("{e}"));
    let t = std::time::Instant::now();
    let keys = source::OwnerKeys { team: vec!["team".into()], environment: vec!["env".into(), "environment".into()], cost_center: vec![] };
    let s = source::fill(&lake, &bill, &files, &keys).unwrap_or_else(|e| panic!("{e}"));
    eprintln!("fill {:?}", t.elapsed());
    for i in s.inputs.values() { eprintln!("{} {} {:?} {:?} {:?} {:?}", i.path, i.format, i.export, i.accepted, i.notes, i.set_aside.len()); }
    let periods: Vec<_> = s.periods.iter().map(|p| (p.clone(), None)).collect();
    let f = engine::facts::facts(&lake, &periods).unwrap_or_else(|e| panic!("{e}"));
    eprintln!("facts {:?}", t.elapsed());
    for (i, (name, _)) in engine::facts::FACTS.iter().enumerate() { eprintln!("{name} {:?}", f.iter().map(|p| p.tables[i].height()).collect::<Vec<_>>()); }
}
